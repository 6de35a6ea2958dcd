// Session: what a legacy client told us, and its streams. Bound to an isolationKey, never to the bytes of a token.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <gatehouse/backend.hpp>

#include "base/budget.hpp"
#include "base/clock.hpp"
#include "mcp/transport/resumable_stream.hpp"

namespace gatehouse::mcp {

struct Session {
    static constexpr std::size_t maxStreams = 64;         // kept for resumption; the oldest finished ones go first
    static constexpr std::size_t maxSubscriptions = 1000; // resources/subscribe

    std::string id;
    std::string isolationKey;
    std::string version;
    SteadyTime lastUsed{};
    std::string clientCapabilitiesJson = "{}";
    MessageLevel logLevel = MessageLevel::info;      // logging/setLevel
    std::set<std::string> subscribed;                // resource URIs
    Budget::Share subscribedShare;                   // their bytes
    std::function<void(std::string_view json)> push; // where the client has one channel for all (stdio); else null
    std::function<void()> hangUp;                    // ends that channel, where it ends with the session
    std::map<std::uint64_t, std::shared_ptr<ResumableStream>> streams;
    std::uint64_t nextStream = 1; // 0 is the GET stream
    Budget::Share share;          // of the sessions there may be

    // The client knows events that have an id and no data, and `retry` (2025-11-25).
    bool polls() const { return version >= "2025-11-25"; }
    std::shared_ptr<ResumableStream> newStream(ResumableStream::Place place);
    // Null when there is none, or it is no longer kept.
    std::shared_ptr<ResumableStream> stream(std::uint64_t number) const;
    // The GET stream, made by its first use.
    std::shared_ptr<ResumableStream> general(ResumableStream::Place place);
    // A client listens, or waits for an answer.
    bool hasClient() const;
    // By a request, or by a client that listened or waited, until it left.
    SteadyTime usedUntil() const;
    void closeStreams();

private:
    void dropFinished();
};

} // namespace gatehouse::mcp
