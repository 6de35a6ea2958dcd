// TokenValidator: resolves a bearer token to an identity.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gatehouse/header_field.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/verdict.hpp>

namespace gatehouse {

// One rule that validate() checks and how it went, for `gatehouse explain`. Nothing secret.
struct TokenCheck {
    std::string rule;
    bool passed = false;
    std::string detail;
};

// One request to judge. Every view lives until validate() returns.
struct TokenRequest {
    std::string_view token;
    std::string_view scheme{};
    std::string_view method{};      // HTTP method
    std::string_view url{};         // canonical URL of the resource, from the settings, never from Host
    std::string_view peer{};        // address without port; an IPv4-mapped IPv6 address is written as IPv4
    std::string_view certificate{}; // DER of the TLS client certificate, or empty
    Sha256 tokenSha256{};           // SHA-256 of `token`, already computed
    std::vector<HeaderField> headers{};
    // The value of the first header of that name, compared without case.
    std::optional<std::string_view> header(std::string_view name) const { return findHeader(headers, name); }
    // Null unless a person asks why (`gatehouse explain`): then add every rule in order, also after one that failed,
    // and wait for what is on its way (keys that are being fetched).
    std::vector<TokenCheck>* trace = nullptr;
};

struct ValidatorTraits {
    // validate() never blocks (no file, no network, no lock held by a blocker) and takes microseconds: it may run on
    // the event loop. The default is a worker thread.
    bool runsInline = false;
    std::string header = "Authorization"; // the one header that carries the credential
    std::string scheme = "Bearer";        // RFC 6750 section 2.1; "none": the header holds the bare token
    // exchange() makes the credential that backends get. The host keeps the caller's token for the length of a call.
    bool exchanges = false;
    // Issuers of the authorization servers whose tokens are taken, for RFC 9728 metadata.
    std::vector<std::string> authorizationServers;
};

// A credential for the backend in place of the caller's token (RFC 8693).
struct ExchangeRequest {
    std::string_view token; // the caller's
    const Identity& identity;
    std::string_view audience; // empty: the validator's settings say which
    std::chrono::milliseconds timeout;
};
struct Exchanged {
    std::string credential;
};
struct ExchangeRefused {
    std::string detail; // for the operator's log
};
using ExchangeAnswer = std::variant<Exchanged, ExchangeRefused, Unavailable>;

class TokenValidator {
public:
    virtual ~TokenValidator() = default;

    // Asked once, after construction.
    virtual ValidatorTraits traits() const { return {}; }

    // Called from many threads at once. May block unless traits().runsInline. An exception counts as Unavailable.
    virtual Verdict validate(const TokenRequest& request) = 0;

    // Asked only when traits().exchanges. On a worker, from many threads at once; may block up to the timeout.
    virtual ExchangeAnswer exchange(const ExchangeRequest& /*request*/) { return ExchangeRefused{"not offered"}; }

    // Why no token could be judged now, in words for the operator; empty: nothing stands against it. Says what is known
    // already and never blocks: /ready asks on the event loop. [any thread]
    virtual std::string notReady() const { return {}; }

    // The last token of this isolation key has expired or was revoked. [any thread]
    virtual void identityGone(std::string_view /*isolationKey*/) {}
};

} // namespace gatehouse
