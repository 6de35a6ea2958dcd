// Settings from their sources: flags > environment > file > defaults.
//
// Every error names file, line, key, what came and what was wanted; all of them are told at once.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gatehouse {

// One or more settings are invalid; exit code 3.
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(const std::vector<std::string>& errors);
};

struct ConfigSources {
    std::string file;                                    // named by a flag; empty: the places below, if there
    std::vector<std::string> places;                     // where a settings file may be
    std::map<std::string, std::string> flags;            // key -> value as typed
    std::function<const char*(const char*)> environment; // getenv
    std::vector<std::string> environmentNames;           // all that are set, to find misspelt ones
};

// Throws ConfigError.
Config loadConfig(const ConfigSources& sources);

} // namespace gatehouse
