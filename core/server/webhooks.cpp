#include "server/webhooks.hpp"

#include <utility>

#include "base/digest.hpp"

namespace gatehouse {

namespace {

constexpr std::chrono::seconds stepEvery{1};
constexpr std::chrono::minutes remindEvery{1};

std::vector<EventReceiver> receiversOf(const std::vector<WebhookSettings>& hooks) {
    std::vector<EventReceiver> out;
    for (const WebhookSettings& hook : hooks) {
        EventReceiver receiver{.url = hook.url, .events = {}};
        for (const std::string& name : hook.events)
            if (const auto kind = tokenEventFrom(name)) receiver.events.insert(*kind);
        out.push_back(std::move(receiver));
    }
    return out;
}

} // namespace

std::string webhookSignature(std::string_view secret, std::string_view body, WallTime now) {
    const std::string time =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
    return "t=" + time + ",v1=" + hex(hmacSha256(secret, time + "." + std::string(body)));
}

Webhooks::Webhooks(const std::vector<WebhookSettings>& hooks, TokenStore& store, const SqlSource& source,
                   WebhookDeps deps)
    : deps_(std::move(deps)), events_(store, source, receiversOf(hooks), deps_.clock) {
    for (const WebhookSettings& hook : hooks) hooks_[hook.url] = hook;
}

void Webhooks::start() {
    thread_.emplace(stepEvery, [this] { step(); });
}

// A fault is said once, and again when it comes back.
void Webhooks::attempt(const std::function<void()>& work) {
    try {
        work();
        isFaultSaid_ = false;
    } catch (const std::exception& fault) {
        if (!std::exchange(isFaultSaid_, true))
            deps_.log.warning(std::string("events of tokens cannot be told: ") + fault.what());
    }
}

void Webhooks::step() {
    attempt([this] {
        events_.look();
        if (deps_.clock.steady() >= nextReminder_) remind();
        for (const EventDelivery& one : events_.claim()) deliver(one);
    });
}

void Webhooks::remind() {
    nextReminder_ = deps_.clock.steady() + remindEvery;
    for (const auto& [days, count] : events_.remind()) deps_.telemetry.expiring(days, count);
}

// Why it was not taken; empty when it was. No word of the answer goes into the log: it is another's.
std::string Webhooks::send(const WebhookSettings& hook, const EventDelivery& delivery) const {
    FetchRequest request;
    request.url = hook.url;
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"},
                       {"Gatehouse-Signature", webhookSignature(hook.secret, delivery.body, deps_.clock.wall())}};
    request.body = delivery.body;
    request.maxBytes = 64 << 10;
    request.publicOnly = !hook.allowsPrivate;
    const FetchResult result = deps_.fetch(request);
    if (const auto* fault = std::get_if<FetchFault>(&result)) return fault->words;
    const int status = std::get<FetchAnswer>(result).status;
    return status >= 200 && status < 300 ? "" : "it answered " + std::to_string(status);
}

// One whose receiver is no longer in the settings is dropped.
void Webhooks::deliver(const EventDelivery& delivery) {
    const auto hook = hooks_.find(delivery.url);
    if (hook == hooks_.end()) return events_.delivered(delivery);
    const std::string why = send(hook->second, delivery);
    if (why.empty()) {
        deps_.telemetry.told(delivery.event, "delivered");
        return events_.delivered(delivery);
    }
    const auto tries = static_cast<std::size_t>(delivery.tries);
    const bool goesOn = tries < waits.size();
    deps_.telemetry.told(delivery.event, goesOn ? "failed" : "given_up");
    deps_.log.warning("webhook " + delivery.url + " did not take " + delivery.event + ": " + why +
                      (goesOn ? "" : "; given up after " + std::to_string(waits.size() + 1) + " tries"));
    events_.failed(delivery, goesOn ? std::optional(waits[tries]) : std::nullopt);
}

} // namespace gatehouse
