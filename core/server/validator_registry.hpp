// ValidatorRegistry: the validators that the settings name, each made once.
//
// A validator may ask for another by name while it is made; one that would end up asking itself is refused. They are
// taken down in the reverse of the order in which they were made.
// Threads: one, while the server is built and taken down.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/token_validator.hpp>

#include "config/config.hpp"

namespace gatehouse {

class ValidatorRegistry {
public:
    // Makes the validator `name` of `plugin` (a name or a path) with these settings.
    using Make = std::function<std::unique_ptr<TokenValidator>(const std::string& name, const std::string& plugin,
                                                               const Json& settings)>;
    ValidatorRegistry(const AuthSettings& settings, Make make) : settings_(settings), make_(std::move(make)) {}
    ~ValidatorRegistry();
    ValidatorRegistry(const ValidatorRegistry&) = delete;
    ValidatorRegistry& operator=(const ValidatorRegistry&) = delete;

    // The one that auth.validator names: a single validator, or a chain. Throws SettingsError, PluginError.
    TokenValidator& primary();
    // The one of that name in auth.validators, or the plugin of that name.
    TokenValidator& find(std::string_view name);
    // True when the validator of that name has been made.
    bool has(std::string_view name) const;
    // Which plugin a name stands for: what its settings say, else the name itself.
    static std::string pluginOf(const AuthSettings& settings, const std::string& name);

private:
    struct Made {
        std::string name;
        std::unique_ptr<TokenValidator> validator;
    };
    const AuthSettings& settings_;
    const Make make_;
    std::vector<Made> made_;
    std::vector<std::string> beingMade_;
    std::unique_ptr<TokenValidator> chain_;
};

} // namespace gatehouse
