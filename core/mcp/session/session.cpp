#include "mcp/session/session.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::mcp {

std::shared_ptr<ResumableStream> Session::newStream(ResumableStream::Place place) {
    dropFinished();
    const std::uint64_t number = nextStream++;
    return streams[number] = std::make_shared<ResumableStream>(place, number, polls(), isolationKey);
}

// Those that answered without an event can never be resumed; of the rest, the oldest go when there are too many.
void Session::dropFinished() {
    for (auto at = streams.begin(); at != streams.end();) {
        const ResumableStream& stream = *at->second;
        const bool tooMany = streams.size() >= maxStreams;
        const bool drop = at->first != 0 && stream.finished() && (tooMany || !stream.hasEvents());
        at = drop ? streams.erase(at) : std::next(at);
    }
}

std::shared_ptr<ResumableStream> Session::stream(std::uint64_t number) const {
    const auto found = streams.find(number);
    return found == streams.end() ? nullptr : found->second;
}

std::shared_ptr<ResumableStream> Session::general(ResumableStream::Place place) {
    auto& stream = streams[0];
    if (!stream) stream = std::make_shared<ResumableStream>(place, 0, polls(), isolationKey);
    return stream;
}

bool Session::hasClient() const {
    if (push) return true; // until its one channel ends, and the session with it
    return std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.second->hasClient(); });
}

SteadyTime Session::usedUntil() const {
    SteadyTime latest = lastUsed;
    for (const auto& [number, stream] : streams) latest = std::max(latest, stream->clientLeft());
    return latest;
}

void Session::closeStreams() {
    for (const auto& [number, stream] : std::exchange(streams, {})) stream->close();
    push = nullptr;
    if (const auto end = std::exchange(hangUp, nullptr)) end();
}

} // namespace gatehouse::mcp
