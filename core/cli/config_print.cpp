#include "cli/config_print.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include <gatehouse/ascii.hpp>

#include "base/shown_text.hpp"
#include "base/url_parts.hpp"
#include "config/config_keys.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* hidden = "(hidden)";

// By its name: the settings of plugins are not ours to know.
bool mayBeSecret(const std::string& key) {
    const std::string name = lowered(key.substr(key.rfind('.') + 1));
    constexpr std::array<const char*, 6> parts{"secret", "password", "passwd", "credential", "bearer", "apikey"};
    const bool contains =
        std::any_of(parts.begin(), parts.end(), [&](const char* part) { return name.find(part) != std::string::npos; });
    return contains || name == "key" || name == "api_key" || name == "token" || name == "dsn";
}

// Without the user and the password that may stand in it (RFC 3986 section 3.2.1).
std::string withoutUser(const std::string& text) {
    const auto url = urlParts(text);
    if (!url || url->host.size() == url->authority.size()) return text;
    const std::size_t begin = url->scheme.size() + 3;
    return text.substr(0, begin) + hidden + text.substr(begin + url->user.size());
}

class Printer {
public:
    Printer(std::ostream& out, const Config& config) : out_(out), config_(config) {}

    void print(const ConfigKey& key) {
        key_ = &key;
        const Json value = key.get(config_);
        if (key.isSecret && !value.empty()) return line(key.name, hidden);
        if (key.open) return tree(key.name, value);
        leaf(key.name, value);
    }

private:
    void tree(const std::string& key, const Json& value) {
        if (!value.is_object() || value.empty() || mayBeSecret(key)) return leaf(key, value);
        for (const auto& item : value.items()) tree(key + "." + item.key(), item.value());
    }
    void leaf(const std::string& key, const Json& value) {
        const bool isEmpty = value.empty() || value == ""; // null, [], {}
        if (mayBeSecret(key) && !isEmpty) return line(key, hidden);
        line(key, shown(value).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    // Also within lists of maps.
    static Json shown(const Json& value) {
        if (value.is_string()) return withoutUser(value.get<std::string>());
        if (!value.is_array() && !value.is_object()) return value;
        Json out = value;
        for (auto item = out.begin(); item != out.end(); ++item) {
            const bool hides = out.is_object() && mayBeSecret(item.key());
            *item = hides ? Json(hidden) : shown(*item);
        }
        return out;
    }
    void line(const std::string& key, const std::string& value) {
        // A value inside a map comes from where the map comes from.
        const std::string place = key == key_->name ? config_.places.exactly(key) : config_.places.of(key);
        out_ << shownText(key) << ": " << shownText(value) << "  # " << (place.empty() ? "default" : shownText(place))
             << "\n";
    }

    std::ostream& out_;
    const Config& config_;
    const ConfigKey* key_ = nullptr; // that is being printed
};

} // namespace

void printConfig(std::ostream& out, const Config& config) {
    Printer printer(out, config);
    for (const ConfigKey& key : configKeys()) printer.print(key);
}

} // namespace gatehouse::cli
