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

} // namespace

Arguments::Arguments(const std::vector<std::string>& words, const std::vector<FlagSpec>& flags) {
    if (asksForHelp(words, flags)) {
        values_["help"] = "";
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
        if (!flag.takesValue && equals != std::string::npos) throw UsageError("--" + flag.name + " takes no value");
        if (!flag.takesValue) values_[flag.name] = "";
        else if (equals != std::string::npos) values_[flag.name] = body.substr(equals + 1);
        else if (i + 1 < words.size()) values_[flag.name] = words[++i];
        else throw UsageError("--" + flag.name + " needs a value");
    }
}

std::vector<std::string> Arguments::flags() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_) names.push_back(name);
    return names;
}

std::optional<std::string> Arguments::value(const std::string& flag) const {
    const auto found = values_.find(flag);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

} // namespace gatehouse::cli
