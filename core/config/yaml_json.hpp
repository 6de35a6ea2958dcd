// YAML as JSON, with the line of every key. The one file of core/config that wraps yaml-cpp.
// Threads: any.
#pragma once

#include <map>
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

// Throws YamlError. ${NAME} in a text is replaced by the environment variable NAME, which must be set.
YamlDocument readYaml(const std::string& text);
// One value as a settings file would have it: "true", "12", "[a, b]", "text". Nothing is replaced.
Json readYamlValue(const std::string& text);

} // namespace gatehouse
