// The environment names of the systems that operators come from: which validator they choose, and its settings.
//
// Precedence: flag > TOKEN_VALIDATOR_FACTORY > MCP_AUTH_TYPE > settings file > what the other names let us guess. Two
// guesses are an error, and so is MCP_AUTH_TYPE=none where something else names a validator. Settings that stand in the
// environment go before those of the file.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace gatehouse {

struct CompatSources {
    std::function<const char*(const char*)> environment;
    bool flagChose = false; // a flag or GATEHOUSE_AUTH_VALIDATOR names the validator
    bool fileChose = false; // the settings file names the validator, or turns authentication off
};

// The error for a variable that turns authentication off although `namedBy` names a validator.
std::string contradiction(const std::string& variable, const std::string& namedBy);

// Adds to `errors` what cannot be meant.
void applyCompatEnvironment(const CompatSources& sources, Config& config, std::vector<std::string>& errors);

} // namespace gatehouse
