// YAML in and out, bounded: yaml-cpp recurses, so the nesting is measured before it sees the text.
#pragma once

#include <string>

#include <yaml-cpp/yaml.h>

#include <gatehouse/json.hpp>

namespace gatehouse {

// Throws YAML::Exception.
YAML::Node loadYaml(const std::string& text);

// Texts that another reader could take for something else are quoted.
std::string yamlText(const YAML::Node& root);

// Scalars are strings, or null. Throws YAML::Exception for what contains itself.
Json jsonOf(const YAML::Node& node);
YAML::Node yamlOf(const Json& json);

} // namespace gatehouse
