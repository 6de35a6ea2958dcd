#include "config/environment_names.hpp"

#include <algorithm>
#include <regex>

#include "base/near_word.hpp"
#include "config/config_keys.hpp"

namespace gatehouse {

namespace {

bool isSetByKubernetes(const std::string& name) {
    static const std::regex shape(
        "GATEHOUSE_([A-Z0-9_]+_)?"
        "(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");
    return std::regex_match(name, shape);
}

std::string nearest(const std::string& name) {
    std::string best;
    std::size_t least = 4; // further away it is no slip
    for (const ConfigKey& key : configKeys()) {
        const std::string known = environmentName(key.name);
        const std::size_t far = editDistance(name, known);
        if (far < least) least = far, best = known;
    }
    return best;
}

} // namespace

std::vector<std::string> unknownNames(const std::vector<std::string>& names) {
    std::vector<std::string> warnings;
    for (const std::string& name : names) {
        if (name.rfind("GATEHOUSE_", 0) != 0 || isSetByKubernetes(name)) continue;
        const auto& keys = configKeys();
        const bool known = std::any_of(keys.begin(), keys.end(),
                                       [&](const ConfigKey& key) { return environmentName(key.name) == name; });
        if (known) continue;
        const std::string meant = nearest(name);
        warnings.push_back(name + ": no such setting, ignored" +
                           (meant.empty() ? "" : "; did you mean " + meant + "?"));
    }
    return warnings;
}

} // namespace gatehouse
