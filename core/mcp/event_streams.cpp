#include "mcp/event_streams.hpp"

#include <utility>
#include <vector>

#include "mcp/answer.hpp"

namespace gatehouse::mcp {

EventStreams::EventStreams(http::EventLoop& loop) : loop_(loop), alarm_(loop) {
    alarm_.set(loop_.now() + keepAliveEvery, [this] { keepAlive(); });
}

void EventStreams::open(http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller,
                        std::string sessionId) {
    const std::uint64_t id = nextId_++;
    // First of all: what is kept below must not outlive the exchange, also when something fails on the way.
    exchange.whenGone([this, id] {
        const auto stream = streams_.find(id);
        if (stream == streams_.end()) return;
        http::Exchange* gone = stream->second.exchange;
        streams_.erase(stream);
        gone->abort();
    });
    streams_[id] = {&exchange, std::move(sessionId), live.hold(caller, [this, id] { end(id); })};
    openEventStream(exchange, "");
    exchange.send(": open\n\n");
}

void EventStreams::end(std::uint64_t id) {
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) return;
    http::Exchange* exchange = stream->second.exchange;
    streams_.erase(stream);
    exchange->whenGone(nullptr);
    exchange->finish();
}

void EventStreams::endSession(const std::string& sessionId) {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, stream] : streams_)
        if (stream.sessionId == sessionId) ids.push_back(id);
    for (const std::uint64_t id : ids) end(id);
}

void EventStreams::endAll() {
    while (!streams_.empty()) end(streams_.begin()->first);
}

// Sending may end a stream: the ids are taken first.
void EventStreams::keepAlive() {
    std::vector<std::uint64_t> ids;
    ids.reserve(streams_.size());
    for (const auto& [id, stream] : streams_) ids.push_back(id);
    for (const std::uint64_t id : ids) {
        const auto stream = streams_.find(id);
        if (stream != streams_.end()) stream->second.exchange->send(": keep-alive\n\n");
    }
    alarm_.set(loop_.now() + keepAliveEvery, [this] { keepAlive(); });
}

} // namespace gatehouse::mcp
