#include "mcp/session/session_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/random.hpp"

namespace gatehouse::mcp {

// Where there is no room the caller's own longest unused session makes it.
Budget::Share SessionStore::shareOf(const std::string& isolationKey) {
    if (auto share = budget_.reserve(isolationKey, 1)) return share;
    const auto own = std::find_if(sessions_.rbegin(), sessions_.rend(),
                                  [&](const Session& session) { return session.isolationKey == isolationKey; });
    if (own == sessions_.rend()) return {};
    end(std::prev(own.base()));
    return budget_.reserve(isolationKey, 1);
}

Session* SessionStore::open(const std::string& isolationKey, std::string version) {
    Budget::Share share = shareOf(isolationKey);
    if (!share) return nullptr;
    Sessions one(1); // joined last, as that cannot fail
    Session& fresh = one.front();
    fresh.share = std::move(share);
    fresh.id = randomBase64Url(24, false);
    fresh.isolationKey = isolationKey;
    fresh.version = std::move(version);
    fresh.lastUsed = clock_.steady();
    byId_[fresh.id] = one.begin();
    sessions_.splice(sessions_.begin(), one);
    telemetry_.changed(Gauge::sessions, +1);
    return &sessions_.front();
}

Session* SessionStore::find(std::string_view id, const std::string& isolationKey) {
    const auto found = byId_.find(std::string(id));
    if (found == byId_.end() || found->second->isolationKey != isolationKey) return nullptr;
    use(found->second);
    return &*found->second;
}

void SessionStore::use(Sessions::iterator session) {
    sessions_.splice(sessions_.begin(), sessions_, session);
    session->lastUsed = clock_.steady();
}

bool SessionStore::close(std::string_view id, const std::string& isolationKey) {
    if (!find(id, isolationKey)) return false;
    end(sessions_.begin());
    return true;
}

void SessionStore::closeAll(const std::string& isolationKey) {
    for (auto session = sessions_.begin(); session != sessions_.end();) {
        const auto next = std::next(session);
        if (session->isolationKey == isolationKey) end(session);
        session = next;
    }
}

// To its place in the order, which is by the latest use.
void SessionStore::useUntil(Sessions::iterator session, SteadyTime when) {
    session->lastUsed = when;
    const auto earlier = [&](const Session& other) { return other.lastUsed <= when; };
    sessions_.splice(std::find_if(sessions_.begin(), sessions_.end(), earlier), sessions_, session);
}

// A client that listens or waits is there, though it asks for nothing; idle time begins when it leaves.
void SessionStore::expire() {
    const SteadyTime now = clock_.steady();
    while (!sessions_.empty() && now - sessions_.back().lastUsed > options_.idleTime) {
        const auto oldest = std::prev(sessions_.end());
        if (oldest->hasClient()) use(oldest);
        else if (const SteadyTime used = oldest->usedUntil(); used > oldest->lastUsed) useUntil(oldest, used);
        else end(oldest);
    }
}

// Accepts out before anyone hears of it.
void SessionStore::end(Sessions::iterator session) {
    Sessions ended;
    ended.splice(ended.begin(), sessions_, session);
    byId_.erase(session->id);
    session->closeStreams();
    telemetry_.changed(Gauge::sessions, -1);
}

} // namespace gatehouse::mcp
