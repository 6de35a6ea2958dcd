// Every key there is: its name, what it wants, and where its value goes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gatehouse {

struct ConfigKey {
    std::string name;                              // "http.address"
    std::string wanted;                            // in words, for the error
    std::function<bool(Config&, const Json&)> set; // false: not what is expected
    std::function<Json(const Config&)> get;        // as it would stand in a file
    bool open = false;                             // holds a map of its own keys, which are not ours to judge
    bool isString = false;                         // taken from the environment and from flags as it stands
    bool isSecret = false;                         // its value is never shown
};

const std::vector<ConfigKey>& configKeys();
const ConfigKey* findConfigKey(const std::string& name);

// "http.address" -> "GATEHOUSE_HTTP_ADDRESS"
std::string environmentName(const std::string& key);

} // namespace gatehouse
