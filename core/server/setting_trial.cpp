#include "server/setting_trial.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "base/near_word.hpp"
#include "config/config_keys.hpp"

namespace gatehouse {

namespace {

constexpr int mostReadings = 32; // of one map; further mistakes are told of the next time

bool isKeyCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_-.[]").find(c) != std::string::npos;
}

// "issuer: is empty" -> "issuer"; empty when the words do not begin with a key.
std::string keyBefore(const std::string& words) {
    const std::size_t end = words.find(": ");
    if (end == std::string::npos || end == 0) return "";
    const std::string key = words.substr(words.front() == '.' ? 1 : 0, end - (words.front() == '.' ? 1 : 0));
    return std::all_of(key.begin(), key.end(), isKeyCharacter) ? key : "";
}

bool isVariable(const std::string& key) {
    const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    return key.size() > 1 && std::all_of(key.begin(), key.end(), fits);
}

bool isOurs(const std::string& key) {
    const std::string part = key.substr(0, key.find_first_of(".["));
    const auto& keys = configKeys();
    return std::any_of(keys.begin(), keys.end(),
                       [&](const ConfigKey& known) { return known.name.rfind(part + ".", 0) == 0; });
}

// What Settings::allowOnly says of a key, with the key that was meant where one is near.
std::string plainWords(const std::string& key, const std::string& words) {
    constexpr std::string_view mark = "unknown key, expected one of: ";
    if (words.rfind(mark, 0) != 0) return words;
    std::vector<std::string_view> known;
    for (std::string_view rest = std::string_view(words).substr(mark.size()); !rest.empty();) {
        const std::size_t end = std::min(rest.find(", "), rest.size());
        known.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    const std::size_t own = key.find_last_of('.');
    return unknownKey(own == std::string::npos ? key : key.substr(own + 1), known);
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

bool names(const std::string& words, const std::string& key) {
    const auto isWord = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (std::size_t at = words.find(key); at != std::string::npos; at = words.find(key, at + 1)) {
        const std::size_t end = at + key.size();
        if ((at == 0 || !isWord(words[at - 1])) && (end >= words.size() || !isWord(words[end]))) return true;
    }
    return false;
}

// One map of settings, from which what was refused is taken.
class Readings {
public:
    Readings(const Config& config, RefusedSettings refused, SettingFaults& faults)
        : config_(config), refused_(std::move(refused)), faults_(faults) {
        for (const auto& item : refused_.values.items())
            if (faults_.touches(refused_.key + "." + item.key())) leftOut_.insert(item.key());
    }

    void report() {
        std::string words = refused_.words;
        for (int i = 0; i < mostReadings && !words.empty(); ++i) {
            bool isNew = false;
            for (const std::string& line : linesOf(words)) isNew = reportLine(line) || isNew;
            if (!isNew) return;
            words = refused_.again(refused_.values);
        }
    }

private:
    // True when something was changed, so that reading again may tell more.
    bool reportLine(const std::string& line) {
        const std::string key = ownKey(line);
        const std::string words = key.empty() ? line : line.substr(line.find(": ") + 2);
        if (follows(line)) return removeStandIn(key);
        if (isVariable(key) && !refused_.values.contains(key)) return faults_.add({key, refused_.key, words}), false;
        faults_.add(
            config_.fault(key.empty() ? refused_.key : refused_.key + "." + asWritten(key), plainWords(key, words)));
        return !key.empty() && leaveOut(key, words);
    }

    // The key within the map that the line is about. What another validator is refused for has its key from the root.
    std::string ownKey(const std::string& line) const {
        const std::string key = keyBefore(line);
        return findConfigKey(key) && key.find('.') != std::string::npos ? "" : key;
    }
    bool follows(const std::string& line) const {
        return std::any_of(leftOut_.begin(), leftOut_.end(), [&](const std::string& key) { return names(line, key); });
    }
    // A value that stands in for one that was refused is refused as well: read on without.
    bool removeStandIn(const std::string& key) {
        if (standIns_.erase(key) == 0) return false;
        refused_.values.erase(key);
        return true;
    }

    // A text gets a long one in its place, as another may be missed if it were gone. The element of a list that was
    // wrong goes as a whole.
    bool leaveOut(const std::string& key, const std::string& words) {
        const std::string first = key.substr(0, key.find_first_of(".["));
        const auto found = refused_.values.find(first);
        if (found == refused_.values.end()) return false;
        const auto index = indexOf(key);
        if (found->is_array() && index < found->size()) {
            found->erase(index);
            auto& origins = origins_[first];
            origins.erase(origins.begin() + static_cast<std::ptrdiff_t>(index));
            return true;
        }
        if (found->is_object() && key.find('.') != std::string::npos) {
            const std::string inner = key.substr(key.find('.') + 1);
            if (found->erase(inner.substr(0, inner.find_first_of(".["))) > 0) return true;
        }
        leftOut_.insert(first);
        const bool isUnknown = words.rfind("unknown key", 0) == 0;
        if (!isUnknown && (found->is_string() || words.find("expected a string") != std::string::npos)) {
            standIns_.insert(first);
            *found = std::string(64, 'x');
            return true;
        }
        refused_.values.erase(found);
        return true;
    }
    static std::size_t indexOf(const std::string& key) {
        const std::size_t open = key.find('['), dot = key.find('.');
        if (open == std::string::npos || open > dot) return std::string::npos;
        return static_cast<std::size_t>(std::strtoul(key.c_str() + open + 1, nullptr, 10));
    }
    // Elements that were taken out of the list count as well.
    std::string asWritten(const std::string& key) {
        const std::string first = key.substr(0, key.find_first_of(".["));
        const auto found = refused_.values.find(first);
        const auto index = indexOf(key);
        if (found == refused_.values.end() || !found->is_array() || index >= found->size()) return key;
        auto& origins = origins_[first];
        if (origins.empty())
            for (std::size_t i = 0; i < found->size(); ++i) origins.push_back(i);
        const std::size_t close = key.find(']');
        return first + "[" + std::to_string(origins[index]) + key.substr(std::min(close, key.size()));
    }

    const Config& config_;
    RefusedSettings refused_;
    SettingFaults& faults_;
    std::set<std::string> standIns_;                          // keys whose value is not the file's
    std::set<std::string> leftOut_;                           // keys of the map
    std::map<std::string, std::vector<std::size_t>> origins_; // of lists: where each element that is left was
};

} // namespace

bool tried(const Config& config, const std::string& key, SettingFaults& faults, const std::function<void()>& work) {
    try {
        work();
        return true;
    } catch (const std::runtime_error& fault) {
        for (const std::string& words : linesOf(fault.what())) {
            const std::string named = keyBefore(words);
            if (named.empty() || !isOurs(named)) faults.add(config.fault(key, words));
            else if (!faults.touches(named))
                faults.add(config.fault(named, plainWords(named, words.substr(named.size() + 2))));
        }
        return false;
    }
}

void reportRefused(const Config& config, RefusedSettings refused, SettingFaults& faults) {
    Readings(config, std::move(refused), faults).report();
}

void readOrTell(const Config& config, const std::string& key, const Json& values, SettingFaults& faults,
                const std::function<void(const Settings&)>& read) {
    if (faults.covers(key)) return;
    const auto refusal = [&](const Json& some) -> std::string {
        try {
            return read(Settings(some)), "";
        } catch (const SettingsError& fault) {
            return fault.what();
        }
    };
    const std::string words = refusal(values);
    if (!words.empty()) reportRefused(config, {key, values, words, refusal}, faults);
}

} // namespace gatehouse
