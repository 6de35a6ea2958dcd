#include "config/environment_names.hpp"

#include <algorithm>
#include <numeric>
#include <regex>

#include "config/config_keys.hpp"

namespace gatehouse {

namespace {

// Levenshtein distance: the fewest single characters to insert, remove or replace.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row.back();
}

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
        const std::size_t far = distance(name, known);
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
