// PageSessions: who is signed in to the page. A session is a random text in a cookie; what is kept of it is its digest.
//
// Bounded: at the most the one that was used longest ago ends; one that was not used for `idle`, or is older than
// `longest`, has ended. A restart ends all.
// Threads: any.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/digest.hpp"

namespace gatehouse::admin {

struct PageSession {
    std::string owner; // whose tokens it sees; empty: all
    std::string name;  // for people: who it is
    std::string id;    // names it in logs; no secret
    std::string csrf;  // what a request that changes something has to repeat
    WallTime since{};
    WallTime lastUsed{};
};

class PageSessions {
public:
    static constexpr std::size_t most = 1'000;
    static constexpr std::chrono::hours idle{8};
    static constexpr std::chrono::hours longest{24};

    explicit PageSessions(const Clock& clock) : clock_(clock) {}

    // The text for the cookie.
    std::string open(std::string owner, std::string name);
    std::optional<PageSession> find(const Sha256& digest); // of the text; counts as a use
    void end(const std::string& id);

private:
    bool hasEnded(const PageSession& session) const;
    void makeRoom();

    const Clock& clock_;
    std::mutex mutex_; // guards the sessions
    std::unordered_map<Sha256, PageSession, DigestHash> sessions_;
};

// The field that sets it, or takes it away when `text` is empty.
std::string sessionCookieField(std::string_view name, std::string_view text, bool isSecure);

} // namespace gatehouse::admin
