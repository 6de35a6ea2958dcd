// EventStreams: the event streams that stay open: GET streams, subscriptions, answers that wait. Each ends with the
// token that opened it, with its client, or by its owner; none costs a thread or a timer of its own.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "auth/live_identities.hpp"
#include "base/budget.hpp"
#include "http/exchange.hpp"
#include "loop/event_loop.hpp"

namespace gatehouse::mcp {

class EventStreams {
public:
    static constexpr std::chrono::seconds keepAliveEvery{25}; // a comment that keeps proxies from closing
    using Id = std::uint64_t;                                 // never 0, never used twice

    // Why a stream ended without its owner: the client went, or it has to go and may be told something last.
    enum class Ended { byClient, byToken, byServer };
    using OnEnd = std::function<void(Id, Ended)>;

    // `budget` counts lasting streams by identity, and outlives this.
    EventStreams(EventLoop& loop, Budget& budget);

    // False when this caller, or all, have as many lasting streams as they may: to be asked before open().
    bool admits(const CallerPtr& caller) { return budget_.admits(caller->identity.isolationKey, 1); }

    // The id of a stream to be opened. Its owner keeps all that `ended` looks for under it, then opens the stream.
    Id newId() { return nextId_++; }
    // Answers the exchange with a stream that stays open. `ended` may be called before this returns (holding the token
    // can end other identities). It may still send() for byToken and byServer; after it the stream is gone. `lasting`:
    // ends when the server stops; others are calls under way, which may end by themselves.
    void open(Id id, http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller, bool lasting,
              OnEnd ended);
    void send(Id id, std::string_view text); // nothing for a stream that is gone
    void end(Id id);                         // by its owner: the stream is finished
    void endAll();                           // the server stops
    std::size_t size() const { return streams_.size(); }

private:
    struct Stream {
        http::Exchange* exchange = nullptr;
        bool lasting = true;
        OnEnd ended;
        TokenHold hold;
        Budget::Share share;
    };
    void endFor(Id id, Ended why);
    void keepAlive();

    EventLoop& loop_;
    Budget& budget_;
    std::unordered_map<Id, Stream> streams_;
    Id nextId_ = 1;
    Alarm alarm_;
};

} // namespace gatehouse::mcp
