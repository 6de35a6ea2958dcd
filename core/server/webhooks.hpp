// Webhooks: tells others of events of tokens, as admin.webhooks says: a POST of JSON, signed so that the receiver can
// know it for ours and as fresh (Gatehouse-Signature: t=UNIX,v1=HEX, HMAC-SHA256 of "t.body").
//
// What was not taken with 2xx is tried again, five times in all. A URL that leads into our own network is not asked
// unless that is allowed (server-side request forgery); redirects are not followed.
// Threads: start() and stop() on one; used() from any. Its work is done on a thread of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <gatehouse/host.hpp>

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "config/config.hpp"
#include "loop/repeating_thread.hpp"
#include "tokens/token_events.hpp"

namespace gatehouse {

struct WebhookDeps { // outlive it
    const Clock& clock;
    Log& log;
    Telemetry& telemetry;
    std::function<FetchResult(const FetchRequest&)> fetch; // blocks
};

class Webhooks {
public:
    static constexpr std::array<std::chrono::seconds, 4> waits{std::chrono::seconds(1), std::chrono::seconds(10),
                                                               std::chrono::seconds(60), std::chrono::seconds(600)};

    Webhooks(const std::vector<WebhookSettings>& hooks, TokenStore& store, const SqlSource& source, WebhookDeps deps);

    void start();
    void stop() { thread_.reset(); }
    void used(std::string_view tokenId, std::string_view peer) { events_.used(tokenId, peer); }
    void step(); // what the thread does, once a second. Never throws.

private:
    void attempt(const std::function<void()>& work);
    void remind();
    void deliver(const EventDelivery& delivery);
    std::string send(const WebhookSettings& hook, const EventDelivery& delivery) const;

    const WebhookDeps deps_;
    std::map<std::string, WebhookSettings> hooks_; // by URL
    TokenEvents events_;
    SteadyTime nextReminder_{};
    bool isFaultSaid_ = false;
    std::optional<RepeatingThread> thread_;
};

// The value of Gatehouse-Signature.
std::string webhookSignature(std::string_view secret, std::string_view body, WallTime now);

} // namespace gatehouse
