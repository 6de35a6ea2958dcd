// ResumableStream: an event stream of a legacy session whose events have ids, so that a client that lost its connection
// gets the rest by GET with Last-Event-ID (MCP 2025-03-26 to 2025-11-25, basic/transports "Resumability").
//
// Event ids are "STREAM-SEQUENCE". What is kept is bounded, by stream, by identity and in all; the oldest events of the
// stream go first, and where even the newest finds no room it is not kept.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/live_identities.hpp"
#include "base/budget.hpp"
#include "base/clock.hpp"
#include "mcp/transport/event_streams.hpp"
#include "mcp/transport/response_writer.hpp"

namespace gatehouse::mcp {

struct EventId {
    std::uint64_t stream = 0;
    std::uint64_t sequence = 0;
    static std::optional<EventId> parse(std::string_view text);
};

class ResumableStream final : public ResponseWriter, public std::enable_shared_from_this<ResumableStream> {
public:
    static constexpr std::size_t maxKeptBytes = 256 << 10;

    struct Place { // outlives every stream
        EventStreams& streams;
        LiveIdentities& live;
        Budget& kept;
        const Clock& clock;
    };
    // `primes`: the client knows events without data (2025-11-25), so a stream begins with an id. `isolationKey`: of
    // the identity that the kept events are counted for.
    ResumableStream(Place place, std::uint64_t number, bool primes, const std::string& isolationKey)
        : place_(place), number_(number), primes_(primes), share_(place.kept.reserve(isolationKey, 0)) {}
    ~ResumableStream() override;

    // The POST that this is the answer to; until something is sent it may still become a plain JSON answer.
    void answerTo(http::Exchange& exchange, AnswerKind kind, CallerPtr caller);
    // A GET takes the stream over, with what came after `sequence`.
    void attach(http::Exchange& exchange, const CallerPtr& caller, std::uint64_t sequence);
    bool finished() const { return finished_ && !attached_; }
    bool hasClient() const { return waiting_ || attached_; } // a connection is open
    SteadyTime clientLeft() const { return clientLeft_; }    // its last connection ended; the epoch: never
    bool hasEvents() const { return next_ > 1; }
    std::uint64_t number() const { return number_; }
    void close(); // its session has ended

    bool takesMessages() const override { return kind_.canStream(); }
    void message(std::string_view json) override;
    void answer(int httpStatus, std::string_view json, std::string_view headers) override;
    void end(const GateRefusal* why) override;
    // A lost connection is no reason: the session still wants the answer, until it ends.
    void whenGone(std::function<void()> gone) override { gone_ = std::move(gone); }
    void release(std::chrono::milliseconds retry) override;
    void announce() override;
    std::shared_ptr<ResponseWriter> keep() override { return shared_from_this(); }

private:
    struct Event {
        std::uint64_t sequence;
        std::string text;
    };
    void begin();
    void open(http::Exchange& exchange, const CallerPtr& caller, bool lasting);
    void put(std::string_view json);
    void dropOldest();
    void detach();
    void finish();

    const Place place_;
    const std::uint64_t number_;
    const bool primes_;
    AnswerKind kind_{true, true};
    http::Exchange* waiting_ = nullptr; // a POST of which nothing has been sent
    CallerPtr caller_;                  // of that POST
    EventStreams::Id attached_ = 0;     // 0: no connection now
    SteadyTime clientLeft_{};
    std::deque<Event> events_;
    std::size_t keptBytes_ = 0;
    Budget::Share share_; // the same bytes
    std::uint64_t next_ = 1;
    bool finished_ = false;
    std::function<void()> gone_; // for the end of the session before the answer
};

} // namespace gatehouse::mcp
