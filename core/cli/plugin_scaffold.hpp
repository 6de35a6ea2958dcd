// What `gatehouse plugin new` writes: a project outside of this tree that builds, and is loaded as it stands.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plugin/plugin_folder.hpp"

namespace gatehouse::cli {

// A name of a plugin: a small letter, then small letters, digits and _; at most 40.
bool isPluginName(const std::string& name);
// File name -> text.
std::vector<std::pair<std::string, std::string>> scaffoldOf(const std::string& name, PluginKind kind);

} // namespace gatehouse::cli
