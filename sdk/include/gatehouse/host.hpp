// Host: what the server does for a plugin.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gatehouse/identity.hpp>
#include <gatehouse/settings.hpp>

namespace gatehouse {

using Sha256 = std::array<std::uint8_t, 32>;

// One API token of the host's store. The token's text is never stored.
struct TokenRecord {
    std::string id;
    std::string note{};
    std::string database{}; // empty: not bound to one
    WallTime createdAt{};
    WallTime expiresAt = never;
};

struct TokenUnknown {};
struct TokenStoreDown {};
using TokenLookup = std::variant<TokenRecord, TokenUnknown, TokenStoreDown>;

// One HTTPS request that the host makes for a plugin. No redirect is followed.
struct FetchRequest {
    std::string url; // https; http only to a loopback address
    std::string method = "GET";
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    std::chrono::milliseconds timeout{5000}; // of all of it
    std::size_t maxBytes = 1 << 20;          // of the answer's body; more is a failure
    bool publicOnly = false;                 // the URL is untrusted input: only addresses of the public internet
};
struct FetchAnswer {
    int status = 0; // HTTP
    std::string body{};
    std::string contentType{};
};
// There was no answer, or one that is too large, or the URL may not be fetched.
struct FetchFault {
    std::string words; // for a log
};
using FetchResult = std::variant<FetchAnswer, FetchFault>;

class TokenValidator;

enum class LogLevel { debug = 1, info = 2, warning = 3, error = 4 };

// What a backend tells its clients of, by Host::notify.
enum class Change { tools = 1, resources = 2, prompts = 3, resource = 4 };

// Outlives every plugin object. Every method may be called from any thread, at once.
class Host {
public:
    virtual ~Host() = default;
    virtual void log(LogLevel level, std::string_view message) const = 0;
    virtual WallTime now() const = 0;
    virtual TokenLookup findToken(const Sha256& digest) const = 0;
    // Forgets cached verdicts of one isolation key, or all when empty; calls under way with them are refused.
    virtual void dropVerdicts(std::string_view isolationKey) const = 0;
    // A list has changed (it is asked for again), or the resource `uri` has: clients that listen are told.
    virtual void notify(Change /*change*/, std::string_view /*uri*/ = {}) const {}
    // Blocks: from a worker or a thread of the plugin's own, never from what runs inline.
    virtual FetchResult fetch(const FetchRequest& /*request*/) const { return FetchFault{"this host fetches nothing"}; }
    // Another validator of the settings, by its name there, for as long as this plugin lives. Only from a constructor.
    // Throws SettingsError when there is none, or when it would end up asking this one.
    virtual TokenValidator& validator(std::string_view name) const;
    // Canonical URL of the MCP endpoint, from the settings: the audience that tokens are made for.
    virtual std::string resourceUrl() const { return {}; }
};

inline TokenValidator& Host::validator(std::string_view name) const {
    throw SettingsError("validator \"" + std::string(name) + "\": this host knows no other validators");
}

} // namespace gatehouse
