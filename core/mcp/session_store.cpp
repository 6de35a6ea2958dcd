#include "mcp/session_store.hpp"

#include <iterator>
#include <utility>

#include "base/random.hpp"

namespace gatehouse::mcp {

Session& SessionStore::open(const std::string& isolationKey, std::string version) {
    if (sessions_.size() >= options_.maxSessions) end(std::prev(sessions_.end()));
    Sessions one(1); // joined last, as that cannot fail
    Session& fresh = one.front();
    fresh.id = randomBase64Url(24, false);
    fresh.isolationKey = isolationKey;
    fresh.version = std::move(version);
    fresh.lastUsed = clock_.steady();
    byId_[fresh.id] = one.begin();
    sessions_.splice(sessions_.begin(), one);
    observer_.changed(Gauge::sessions, +1);
    return sessions_.front();
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

// A client that listens or waits is there, though it asks for nothing.
void SessionStore::expire() {
    const SteadyTime now = clock_.steady();
    while (!sessions_.empty() && now - sessions_.back().lastUsed > options_.idleTime) {
        const auto oldest = std::prev(sessions_.end());
        if (oldest->hasClient()) use(oldest);
        else end(oldest);
    }
}

// Taken out before anyone hears of it.
void SessionStore::end(Sessions::iterator session) {
    Sessions ended;
    ended.splice(ended.begin(), sessions_, session);
    byId_.erase(session->id);
    session->closeStreams();
    observer_.changed(Gauge::sessions, -1);
}

} // namespace gatehouse::mcp
