// SessionStore: legacy sessions, each bound to the isolation key that opened it.
//
// Ids are 192 random bits in base64url. A session of another identity is as unknown as one that never was. Bounded, by
// identity and in all: at a limit the longest unused of the same identity ends; nobody ends another's. Idle ones end by
// themselves.
//
// Threads: one (the loop's). Source: MCP 2025-11-25 basic/transports "Session Management".
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/budget.hpp"
#include "base/clock.hpp"
#include "base/telemetry.hpp"
#include "mcp/session/session.hpp"

namespace gatehouse::mcp {

struct SessionStoreOptions {
    std::size_t maxSessions = 10'000;
    std::chrono::milliseconds idleTime{std::chrono::minutes(30)};
    std::size_t maxOfOne = 2'500; // of one isolationKey
    bool handsOut = true;         // HTTP clients get one with initialize
};

class SessionStore {
public:
    SessionStore(SessionStoreOptions options, const Clock& clock, Telemetry& telemetry)
        : options_(options), clock_(clock), telemetry_(telemetry),
          budget_("sessions", {options.maxOfOne, options.maxSessions}, telemetry) {}

    bool handsOut() const { return options_.handsOut; }
    // Null when other identities hold all sessions there may be.
    Session* open(const std::string& isolationKey, std::string version);
    // Null when there is none of that id for this identity.
    Session* find(std::string_view id, const std::string& isolationKey);
    bool close(std::string_view id, const std::string& isolationKey);
    void closeAll(const std::string& isolationKey); // its last token is gone
    void expire();                                  // to be called now and then
    template <class Visit>
    void each(const Visit& visit) {
        for (Session& session : sessions_) visit(session);
    }

private:
    using Sessions = std::list<Session>; // front: the latest used
    void use(Sessions::iterator session);
    void useUntil(Sessions::iterator session, SteadyTime when);
    void end(Sessions::iterator session);
    Budget::Share shareOf(const std::string& isolationKey);

    const SessionStoreOptions options_;
    const Clock& clock_;
    Telemetry& telemetry_;
    Budget budget_; // outlives the sessions, which hold its shares
    Sessions sessions_;
    std::unordered_map<std::string, Sessions::iterator> byId_;
};

} // namespace gatehouse::mcp
