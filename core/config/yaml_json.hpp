// YAML as JSON, with the line of every key. The one file of core/config that wraps yaml-cpp.
// Threads: any.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include <gatehouse/json.hpp>

namespace gatehouse {

struct YamlDocument {
    Json root = Json::object();
    std::map<std::string, int> lines; // "http.address" -> 3
};

class YamlError : public std::runtime_error {
public:
    YamlError(int atLine, const std::string& what) : std::runtime_error(what), line(atLine) {}
    int line; // from 1
};

// The value of ${NAME} in a text; nothing when there is none.
using ValueOfName = std::function<std::optional<std::string>(const std::string& name)>;
// The environment variable of that name; one that is empty counts as not set.
std::optional<std::string> environmentValue(const std::string& name);
// What ${NAME} brings in is a string, whatever it looks like. Throws YamlError, also for a ${NAME} that has no value.
YamlDocument readYaml(const std::string& text, const ValueOfName& valueOf = environmentValue);
// One value as a settings file would have it: "true", "12", "[a, b]", "text". Nothing is replaced.
Json readYamlValue(const std::string& text);
// A scalar without quotes: null, true, false, a number, else a string. A number that would lose a digit (0123, or one
// beyond 64 bits) is a string.
Json readYamlScalar(const std::string& text);

} // namespace gatehouse
