// YAML as JSON, with the line of every key. The one file of core/config that wraps yaml-cpp.
// Threads: any.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse {

// What is wrong with one value; the rest has been read.
struct YamlFault {
    int line; // from 1
    std::string key, words;
};

struct YamlDocument {
    Json root = Json::object();
    std::map<std::string, int> lines; // "http.address" -> 3
    std::vector<YamlFault> faults;    // a duplicate key, a ${NAME} without a value (which is read as null)
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
// What ${NAME} brings in is a string, whatever it looks like. Throws YamlError for what is no YAML, in words for
// people.
YamlDocument readYaml(const std::string& text, const ValueOfName& valueOf = environmentValue);
// One value as a settings file would have it: "true", "12", "[a, b]", "text". Nothing is replaced.
// Throws YamlError.
Json readYamlValue(const std::string& text);
// A scalar without quotes: null, true, false, a number, else a string. A number that would lose a digit (0123, or one
// beyond 64 bits) is a string.
Json readYamlScalar(const std::string& text);

} // namespace gatehouse
