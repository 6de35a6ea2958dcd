// Where plugins are: by name in the plugin folder, or by full path.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse {

enum class PluginKind { validator, backend };

// `name` as in the settings: a full path to a library, or a word that stands for
// <folder>/gatehouse_validator_<name>.so or <folder>/gatehouse_backend_<name>.so.
// Throws PluginError naming what there is when there is no such plugin.
std::filesystem::path findPlugin(const std::filesystem::path& folder, PluginKind kind, const std::string& name);

// Every library of the folder, sorted.
std::vector<std::filesystem::path> pluginsIn(const std::filesystem::path& folder);

} // namespace gatehouse
