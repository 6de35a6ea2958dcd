// EventStreams: the open legacy GET streams. Each ends with the token that opened it, with its session, or with its
// client; none costs a thread or a timer of its own.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "auth/live_identities.hpp"
#include "http/event_loop.hpp"
#include "http/exchange.hpp"

namespace gatehouse::mcp {

class EventStreams {
public:
    static constexpr std::chrono::seconds keepAliveEvery{25}; // a comment that keeps proxies from closing

    explicit EventStreams(http::EventLoop& loop);

    // Answers the exchange with a stream that stays open.
    void open(http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller, std::string sessionId);
    void endSession(const std::string& sessionId);
    void endAll(); // the server stops
    std::size_t size() const { return streams_.size(); }

private:
    struct Stream {
        http::Exchange* exchange = nullptr;
        std::string sessionId;
        TokenHold hold;
    };
    void end(std::uint64_t id);
    void keepAlive();

    http::EventLoop& loop_;
    std::unordered_map<std::uint64_t, Stream> streams_;
    std::uint64_t nextId_ = 1;
    http::Alarm alarm_;
};

} // namespace gatehouse::mcp
