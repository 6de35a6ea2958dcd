// The keys of our own tokens and of those who manage them. Threads: any.
#pragma once

#include <vector>

#include "config/config_keys.hpp"

namespace gatehouse {

// Appended to what is there.
void addTokenKeys(std::vector<ConfigKey>& keys);

} // namespace gatehouse
