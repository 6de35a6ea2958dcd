// Host: what the server does for a plugin.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <gatehouse/identity.hpp>

namespace gatehouse {

using Sha256 = std::array<std::uint8_t, 32>;

// One API token of the host's store. The token's text is never stored.
struct TokenRecord {
    std::string id;
    std::string note;
    std::string database; // empty: not bound to one
    WallTime createdAt{};
    WallTime expiresAt = never;
};

struct TokenUnknown {};
struct TokenStoreDown {};
using TokenLookup = std::variant<TokenRecord, TokenUnknown, TokenStoreDown>;

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
};

} // namespace gatehouse
