#include "mcp/transport/event_streams.hpp"

#include <utility>
#include <vector>

#include "mcp/transport/response_writer.hpp"

namespace gatehouse::mcp {

EventStreams::EventStreams(EventLoop& loop, Budget& budget) : loop_(loop), budget_(budget), alarm_(loop) {
    alarm_.set(loop_.now() + keepAliveEvery, [this] { keepAlive(); });
}

void EventStreams::open(Id id, http::Exchange& exchange, LiveIdentities& live, const CallerPtr& caller, bool lasting,
                        OnEnd ended) {
    // First of all: what is kept below must not outlive the exchange, also when something fails on the way.
    exchange.whenGone([this, id] {
        const auto stream = streams_.find(id);
        if (stream == streams_.end()) return;
        http::Exchange* gone = stream->second.exchange;
        const OnEnd tell = std::move(stream->second.ended);
        streams_.erase(stream);
        if (tell) tell(id, Ended::byClient);
        gone->abort();
    });
    Budget::Share share = lasting ? budget_.reserve(caller->identity.isolationKey, 1) : Budget::Share();
    streams_[id] = {&exchange, lasting, std::move(ended), {}, std::move(share)};
    openEventStream(exchange, "");
    exchange.send(": open\n\n");
    TokenHold hold = live.hold(caller, [this, id] { endFor(id, Ended::byToken); });
    const auto opened = streams_.find(id); // the hold may have ended it
    if (opened != streams_.end()) opened->second.hold = std::move(hold);
}

void EventStreams::send(Id id, std::string_view text) {
    const auto stream = streams_.find(id);
    if (stream != streams_.end()) stream->second.exchange->send(text);
}

void EventStreams::end(Id id) {
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) return;
    http::Exchange* exchange = stream->second.exchange;
    streams_.erase(stream);
    exchange->whenGone(nullptr);
    exchange->finish();
}

void EventStreams::endFor(Id id, Ended why) {
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) return;
    const OnEnd tell = std::exchange(stream->second.ended, nullptr);
    if (tell) tell(id, why);
    end(id);
}

void EventStreams::endAll() {
    std::vector<Id> ids;
    for (const auto& [id, stream] : streams_)
        if (stream.lasting) ids.push_back(id);
    for (const Id id : ids) endFor(id, Ended::byServer);
}

// Sending may end a stream: the ids are taken first.
void EventStreams::keepAlive() {
    std::vector<Id> ids;
    ids.reserve(streams_.size());
    for (const auto& [id, stream] : streams_) ids.push_back(id);
    for (const Id id : ids) send(id, ": keep-alive\n\n");
    alarm_.set(loop_.now() + keepAliveEvery, [this] { keepAlive(); });
}

} // namespace gatehouse::mcp
