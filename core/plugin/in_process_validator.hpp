// A validator that was compiled in, held to what a plugin's is held to at its door: its traits are read once, at the
// start; an identity that nothing could be bound to is no identity.
//
// Threads: as TokenValidator.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/host.hpp>
#include <gatehouse/token_validator.hpp>

namespace gatehouse {

// What is wrong with traits, "header \"a b\" is not a header name"; empty: nothing (RFC 9110 sections 5.1 and 11.1).
std::string faultOf(const ValidatorTraits& traits);

// `host` outlives what is made; its log is told of the first answer that cannot be used. Throws SettingsError for
// traits that cannot be.
std::unique_ptr<TokenValidator> inProcessValidator(std::unique_ptr<TokenValidator> own, const Host& host);

} // namespace gatehouse
