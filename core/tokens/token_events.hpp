// TokenEvents: what happens to tokens, told once, whichever process did it: by webhook (server/webhooks.hpp).
//
// Tokens are compared with what was noticed of them before, in one transaction with the deliveries that follow from it:
// of several processes one tells, and a process that ends loses nothing. The first look only notices.
// Bounded: maxDeliveries wait, and more are lost; a token has maxNetworks that are known, maxPending wait to be looked
// at. Threads: used() from any; the rest from one at a time, and it blocks on the source and the store.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/json.hpp>

#include "base/clock.hpp"
#include "tokens/sql_connection.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

enum class TokenEventKind { created, rotated, revoked, leaked, suspended, expiring, firstUseFromNewNetwork };

std::string_view eventName(TokenEventKind kind); // "token.created"
// With or without "token." before it.
std::optional<TokenEventKind> tokenEventFrom(std::string_view name);

// Who is told of what. `events` empty: of all.
struct EventReceiver {
    std::string url;
    std::set<TokenEventKind> events;
};

// A body that is to be sent. `tries`: that failed.
struct EventDelivery {
    std::int64_t number = 0;
    std::string url, event, body;
    std::int64_t tries = 0;
};

class TokenEvents {
public:
    static constexpr std::int64_t maxDeliveries = 10'000;
    static constexpr std::int64_t maxNetworks = 1'000;
    static constexpr std::size_t maxPending = 10'000;
    static constexpr std::array<int, 3> reminderDays{1, 7, 30}; // before a token ends
    static constexpr std::chrono::seconds claimed{60};          // a delivery that was taken is nobody else's

    // All outlive it.
    TokenEvents(TokenStore& store, const SqlSource& source, std::vector<EventReceiver> receivers, const Clock& clock);

    // A call of a token from that address.
    void used(std::string_view tokenId, std::string_view peer);
    // Notices what has happened. Throws what the store and the source throw; what was not noticed is at the next look.
    void look();
    // Tokens that end within so many days are reminded of. Returns how many there are, by days.
    std::map<int, std::int64_t> remind();

    std::vector<EventDelivery> claim(); // that are due
    void delivered(const EventDelivery& delivery);
    // It is due again after `wait`; none: it is given up.
    void failed(const EventDelivery& delivery, std::optional<std::chrono::seconds> wait);

private:
    struct Noticed {
        std::uint64_t generation = 1; // 0: it is gone
        bool isSuspended = false;
        bool isGone() const { return generation == 0; }
    };
    using NoticedMap = std::map<std::string, Noticed>;
    using Used = std::set<std::pair<std::string, std::string>>; // token, network
    class Writer;
    void lookAtAll(Writer& writer);
    void compare(Writer& writer, const std::string& id, const std::optional<TokenEntry>& entry,
                 const std::optional<Noticed>& before);
    static bool isNews(Writer& writer, const GoneToken& gone);
    void compareNetworks(Writer& writer, const Used& used);
    std::vector<TokenEntry> all() const;
    std::vector<GoneToken> allGone() const;
    std::optional<GoneToken> goneOf(const std::string& id) const;
    Json bodyOf(TokenEventKind kind, Json token) const;

    TokenStore& store_;
    const std::vector<EventReceiver> receivers_;
    const Clock& clock_;
    SqlConnection database_;
    std::optional<std::uint64_t> seen_; // the store's generation at the last look
    std::mutex mutex_;                  // guards what is used
    Used used_;
};

// The network that an address is taken to be in: of IPv4 the /24, of IPv6 the /48; empty for what is no address.
std::string networkOf(std::string_view address);

} // namespace gatehouse
