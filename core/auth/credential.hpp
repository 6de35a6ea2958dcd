// Finding the credential of a request: in one header only, written one way only.
//
// RFC 6750 section 2.1, RFC 9110 section 11.4. Never the query (RFC 6750 2.3 is refused by MCP) or a trailer, and a
// cookie only where a route asks for one; RFC 2047 words stay literal. The scheme is compared without case.
// Threads: any.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include <gatehouse/token_validator.hpp>

namespace gatehouse {

struct Credential {
    std::string_view token;
    std::string_view scheme;
};
struct NoCredential {};
// More than one credential, or one that is written wrongly.
struct BrokenCredential {
    bool ambiguous = false; // two credentials: 400, else 401
    const char* reason = "";
};
using CredentialResult = std::variant<Credential, NoCredential, BrokenCredential>;

CredentialResult readCredential(const std::vector<HeaderField>& fields, std::string_view query,
                                const ValidatorTraits& traits);

// A credential in a cookie of that name (RFC 6265), scheme "Cookie"; for pages of our own, never for MCP.
CredentialResult readCookie(const std::vector<HeaderField>& fields, std::string_view name);

} // namespace gatehouse
