// Settings from their sources: flags > environment > file > defaults.
//
// Every fault names its source (file and line, variable or flag), the key, what was expected and what it got.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gatehouse {

// One or more settings are invalid; exit code 3.
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(const SettingFaults& faults); // told as SettingFaults::printed() says
    using std::runtime_error::runtime_error;
};

struct ConfigSources {
    std::optional<std::string> text;                     // the settings themselves; no file is read then
    std::string file;                                    // named by a flag; empty: the places below, if there
    std::vector<std::string> places;                     // where a settings file may be
    std::map<std::string, std::string> flags;            // key -> value as typed
    std::map<std::string, std::string> flagNames;        // key -> "--addr", where the flag is not called as the key
    std::function<const char*(const char*)> environment; // getenv
    std::vector<std::string> environmentNames;           // all that are set, to find misspelt ones
};

// As far as they can be read; what is wrong is in Config::faults.
Config readConfig(const ConfigSources& sources);
// Throws ConfigError with everything that is wrong.
Config loadConfig(const ConfigSources& sources);

} // namespace gatehouse
