#include "cli/arguments.hpp"

#include <algorithm>

namespace gatehouse::cli {

namespace {

std::string withoutDashes(const std::string& word) { return word.substr(word.compare(0, 2, "--") == 0 ? 2 : 1); }

const FlagSpec& known(const std::string& name, const std::vector<FlagSpec>& flags) {
    const auto found =
        std::find_if(flags.begin(), flags.end(), [&](const FlagSpec& flag) { return flag.name == name; });
    if (found != flags.end()) return *found;
    std::string names;
    for (const FlagSpec& flag : flags) names += " --" + flag.name;
    throw UsageError("unknown flag --" + name + "; known here:" + names);
}

bool asksForHelp(const std::vector<std::string>& words, const std::vector<FlagSpec>& flags) {
    const auto isHelp = [](const std::string& word) { return word == "--help" || word == "-help"; };
    return std::any_of(words.begin(), words.end(), isHelp) &&
           std::any_of(flags.begin(), flags.end(), [](const FlagSpec& flag) { return flag.name == "help"; });
}

// Words of `text` in lines that begin at `column` and end before 120.
std::string wrapped(const std::string& text, std::size_t column) {
    constexpr std::size_t width = 120;
    std::string out;
    std::size_t used = column;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::size_t more = end - at;
        if (used > column && used + 1 + more > width) {
            out.append("\n").append(column, ' ');
            used = column;
        } else if (used > column) {
            out += ' ';
            ++used;
        }
        out.append(text, at, more);
        used += more;
        at = end + 1;
    }
    return out;
}

} // namespace

std::string flagHelp(const std::vector<FlagSpec>& flags) {
    constexpr std::size_t column = 23;
    std::string out;
    for (const FlagSpec& flag : flags) {
        if (flag.help.empty()) continue;
        std::string line = "  --" + flag.name + (flag.value.empty() ? "" : " " + flag.value);
        if (line.size() + 2 > column) line.append("\n").append(column, ' ');
        else line.resize(column, ' ');
        out.append(line).append(wrapped(flag.help, column)).append("\n");
    }
    return out;
}

Arguments::Arguments(const std::vector<std::string>& words, const std::vector<FlagSpec>& flags) {
    if (asksForHelp(words, flags)) {
        values_["help"] = {""};
        return;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() < 2 || word[0] != '-') {
            words_.push_back(word);
            continue;
        }
        const std::string body = withoutDashes(word);
        const std::size_t equals = body.find('=');
        const FlagSpec& flag = known(body.substr(0, equals), flags);
        if (flag.value.empty() && equals != std::string::npos) throw UsageError("--" + flag.name + " takes no value");
        auto& values = values_[flag.name];
        if (flag.value.empty()) values.emplace_back();
        else if (equals != std::string::npos) values.push_back(body.substr(equals + 1));
        else if (i + 1 < words.size()) values.push_back(words[++i]);
        else throw UsageError("--" + flag.name + " needs a value");
    }
}

std::vector<std::string> Arguments::flags() const {
    std::vector<std::string> names;
    for (const auto& [name, values] : values_) names.push_back(name);
    return names;
}

std::optional<std::string> Arguments::value(const std::string& flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::values(const std::string& flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? std::vector<std::string>() : found->second;
}

} // namespace gatehouse::cli
