// What `gatehouse plugin check` does with a plugin: makes it as a server would, under the settings of the check.
//
// Threads: called on one, while the process has no other.
#pragma once

#include <filesystem>
#include <string>

#include "cli/command.hpp"

namespace gatehouse::cli {

// `plugin`: a path, or a name in the folder. The exit code: 0 without faults, 1 with. Throws PluginError,
// SettingsError, UsageError.
int checkPlugin(const Console& console, const std::filesystem::path& pluginFolder, const std::string& plugin,
                const std::string& settingsFile);

} // namespace gatehouse::cli
