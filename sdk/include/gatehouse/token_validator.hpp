// TokenValidator: says whom a bearer token stands for.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/verdict.hpp>

namespace gatehouse {

struct HeaderField {
    std::string_view name; // as sent; compare without case
    std::string_view value;
};

// One request to judge. Every view lives until validate() returns.
struct TokenRequest {
    std::string_view token;
    std::string_view scheme;
    std::string_view method;      // HTTP method
    std::string_view url;         // canonical URL of the resource, from the settings, never from Host
    std::string_view peer;        // address without port; an IPv4-mapped IPv6 address is written as IPv4
    std::string_view certificate; // DER of the TLS client certificate, or empty
    Sha256 tokenSha256{};         // SHA-256 of `token`, already computed
    std::vector<HeaderField> headers;
};

struct ValidatorTraits {
    // validate() never blocks (no file, no network, no lock held by a blocker) and takes microseconds: it may run on
    // the event loop. The default is a worker thread.
    bool runsInline = false;
    std::string header = "Authorization"; // the one header that carries the credential
    std::string scheme = "Bearer";        // RFC 6750 section 2.1
};

class TokenValidator {
public:
    virtual ~TokenValidator() = default;

    // Asked once, after construction.
    virtual ValidatorTraits traits() const { return {}; }

    // Called from many threads at once. May block unless traits().runsInline. An exception counts as Unavailable.
    virtual Verdict validate(const TokenRequest& request) = 0;

    // The last token of this isolation key has expired or was revoked. [any thread]
    virtual void identityGone(std::string_view /*isolationKey*/) {}
};

} // namespace gatehouse
