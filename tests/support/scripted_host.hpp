// A host whose answers, token store and clock are scripted, for tests of validators. Nothing is asked over a network.
//
// Threads: any, at once (key sets are loaded on a thread of their own).
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gatehouse/token_validator.hpp>

#include "base/digest.hpp"
#include "support/turnable_clock.hpp"

namespace gatehouse::test {

class ScriptedHost final : public Host {
public:
    TurnableClock clock;
    TokenLookup stored = TokenUnknown{}; // what the store says of every digest
    TokenValidator* other = nullptr;     // under every name

    // What this URL answers from now on; any other one answers that nobody is there.
    void answer(const std::string& url, FetchResult result) {
        const std::lock_guard lock(mutex_);
        answers_[url] = std::move(result);
    }
    void answer(const std::string& url, const Json& body, int status = 200) {
        answer(url, FetchAnswer{status, body.dump(), "application/json"});
    }
    std::vector<FetchRequest> asked() const { // since the last forget()
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    std::size_t timesAsked(const std::string& url) const {
        std::size_t times = 0;
        for (const FetchRequest& request : asked()) times += request.url == url ? 1 : 0;
        return times;
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        asked_.clear();
    }
    std::string told() const { // what was logged, a line each
        const std::lock_guard lock(mutex_);
        return told_;
    }

    void log(LogLevel /*level*/, std::string_view message) const override {
        const std::lock_guard lock(mutex_);
        told_.append(message).append("\n");
    }
    WallTime now() const override { return clock.wall(); }
    TokenLookup findToken(const Sha256& /*digest*/) const override { return stored; }
    void dropVerdicts(std::string_view /*isolationKey*/) const override {}
    FetchResult fetch(const FetchRequest& request) const override {
        const std::lock_guard lock(mutex_);
        asked_.push_back(request);
        const auto found = answers_.find(request.url);
        return found == answers_.end() ? FetchResult(FetchFault{"nobody is there"}) : found->second;
    }
    TokenValidator& validator(std::string_view name) const override {
        if (!other) throw SettingsError("no validator " + std::string(name));
        return *other;
    }
    std::string resourceUrl() const override { return "https://mcp.example.com/mcp"; }

private:
    mutable std::mutex mutex_; // guards the members below
    std::map<std::string, FetchResult> answers_;
    mutable std::vector<FetchRequest> asked_;
    mutable std::string told_;
};

// Seconds since 1970, for claims.
inline std::int64_t secondsOf(WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

inline TokenRequest requestWith(std::string_view token) {
    TokenRequest request;
    request.token = token;
    request.scheme = "Bearer";
    request.tokenSha256 = sha256(token);
    return request;
}

// What is said of a token in one word: "accepted", "unavailable", or why it is refused.
inline std::string wordFor(const Verdict& verdict) {
    if (std::holds_alternative<Accepted>(verdict)) return "accepted";
    if (std::holds_alternative<Unavailable>(verdict)) return "unavailable";
    switch (std::get<Rejected>(verdict).reason) {
        case Rejected::Reason::notMine: return "not mine";
        case Rejected::Reason::malformed: return "malformed";
        case Rejected::Reason::unknown: return "unknown";
        case Rejected::Reason::expired: return "expired";
        case Rejected::Reason::revoked: return "revoked";
        case Rejected::Reason::wrongAudience: return "wrong audience";
        case Rejected::Reason::badSignature: return "bad signature";
        case Rejected::Reason::forbidden: return "forbidden";
        case Rejected::Reason::insufficientScope: return "insufficient scope";
    }
    return "?";
}
inline std::string wordFor(TokenValidator& validator, std::string_view token) {
    return wordFor(validator.validate(requestWith(token)));
}

// How long the verdict may be kept for the same token; zero: not at all.
inline std::chrono::milliseconds keptFor(const Verdict& verdict, WallTime now) {
    const auto* no = std::get_if<Rejected>(&verdict);
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (no) return no->cache.time();
    return yes ? std::min(yes->cache.time(), yes->identity.expiresAt - now) : std::chrono::milliseconds(0);
}

} // namespace gatehouse::test
