// Settings as the server gives them to a validator of ours: held against what it declares, with its defaults.
#pragma once

#include <string>

#include <gatehouse/settings.hpp>

#include "plugin/settings_schema.hpp"

// The symbols gatehouse_plugin_settings, each under the name that the tests' build gives it.
extern "C" {
extern const char gatehouse_settings_of_api_key[], gatehouse_settings_of_introspection[], gatehouse_settings_of_jwt[],
    gatehouse_settings_of_oidc[], gatehouse_settings_of_static_file[], gatehouse_settings_of_token_exchange[];
}

namespace api_key {
class ApiKeyValidator;
}
namespace introspection {
class IntrospectionValidator;
}
namespace jwt {
class JwtValidator;
}
namespace oidc {
class OidcValidator;
}
namespace static_file {
class StaticFileValidator;
}
namespace token_exchange {
class TokenExchangeValidator;
}

namespace gatehouse::test {

template <class Validator>
const char* declaredBy();
template <>
inline const char* declaredBy<api_key::ApiKeyValidator>() {
    return gatehouse_settings_of_api_key;
}
template <>
inline const char* declaredBy<introspection::IntrospectionValidator>() {
    return gatehouse_settings_of_introspection;
}
template <>
inline const char* declaredBy<jwt::JwtValidator>() {
    return gatehouse_settings_of_jwt;
}
template <>
inline const char* declaredBy<oidc::OidcValidator>() {
    return gatehouse_settings_of_oidc;
}
template <>
inline const char* declaredBy<static_file::StaticFileValidator>() {
    return gatehouse_settings_of_static_file;
}
template <>
inline const char* declaredBy<token_exchange::TokenExchangeValidator>() {
    return gatehouse_settings_of_token_exchange;
}

template <class Validator>
Settings settingsFor(const Json& given = Json::object()) {
    return Settings(SettingsSchema(declaredBy<Validator>()).settled(given));
}

// Why a validator of these settings is not made; empty: it is.
template <class Validator>
std::string refusalOf(const Json& given, const Host& host) {
    try {
        Validator validator(settingsFor<Validator>(given), host);
        return "";
    } catch (const SettingsError& fault) {
        return fault.what();
    }
}

} // namespace gatehouse::test
