// What the parts of the server refuse, turned into faults of the settings: all of them, not only the first.
// Threads: one at a time.
#pragma once

#include <functional>
#include <string>

#include <gatehouse/json.hpp>
#include <gatehouse/settings.hpp>

#include "config/config.hpp"

namespace gatehouse {

// Does `work`. What it throws (UnusableConfigError, SettingsError, PluginError, ...) becomes a fault: of the key that
// its words begin with, else of `key`. True when nothing was thrown.
bool tried(const Config& config, const std::string& key, SettingFaults& faults, const std::function<void()>& work);

// Of settings that their reader refuses at the first thing that is wrong.
struct RefusedSettings {
    std::string key;                                      // of the whole map: "auth.validators.jwt"
    Json values;                                          // what was refused
    std::string words;                                    // "<key within the map>: <what>", perhaps in several lines
    std::function<std::string(const Json& values)> again; // reads others; empty when it takes them
};
// Tells of these words; then leaves out the key that they name and has the rest read again, until nothing new is said.
// A fault that only follows from one that was told (a key that is missing now) is not told.
void reportRefused(const Config& config, RefusedSettings refused, SettingFaults& faults);

// Reads a map of our own settings by `read`, which throws SettingsError for the first thing that is wrong: all of it is
// told.
void readOrTell(const Config& config, const std::string& key, const Json& values, SettingFaults& faults,
                const std::function<void(const Settings&)>& read);

} // namespace gatehouse
