#include "server/token_upkeep.hpp"

#include <utility>

#include "base/literal.hpp"

namespace gatehouse {

namespace {

constexpr std::chrono::seconds every{1};
constexpr std::chrono::minutes sweepEvery{1};

bool isRefused(const AuditEvent& event) {
    return event.outcome == Outcome::rejected || event.outcome == Outcome::limited;
}

bool isFeature(std::string_view method) {
    return is(method, "tools/call") || is(method, "resources/read") || is(method, "prompts/get");
}

std::string_view toolOf(const AuditEvent& event) { return is(event.method, "tools/call") ? event.name : event.method; }

// A refusal is a use as well: who holds a suspended token still has it in some place.
void countRefused(TokenUsage& usage, const TokenMatch& token, const TokenRefusals::RefusedText& text) {
    usage.record({.tokenId = token.entry->record.id,
                  .generation = token.entry->generation - (token.isPrevious ? 1 : 0),
                  .isPrevious = token.isPrevious,
                  .kind = UseKind::refused,
                  .peer = text.peer,
                  .client = text.client,
                  .times = text.times});
}

TokenRefusals::IdOf idIn(const TokenStore& store, TokenUsage& usage) {
    return [&store, &usage](const TokenRefusals::RefusedText& text) -> std::optional<std::string> {
        const TokenMatchResult found = store.match(text.digest);
        if (const auto* token = std::get_if<TokenMatch>(&found)) {
            countRefused(usage, *token, text);
            return token->entry->record.id;
        }
        const auto gone = store.findGone(text.digest);
        return gone ? std::optional(gone->id) : std::nullopt;
    };
}

} // namespace

TokenUpkeep::TokenUpkeep(TokenStore& store, std::unique_ptr<const SqlSource> source, const Clock& clock, Log& log)
    : clock_(clock), log_(log), source_(std::move(source)),
      ledger_(*source_, clock, [&store] { return store.isFresh(); }), usage_(*source_, clock),
      refusals_(*source_, clock, idIn(store, usage_)), keeper_(store, usage_, clock, log) {}

void TokenUpkeep::start() {
    attempt(isUseFaultSaid_, [this] {
        usage_.prepare();
        refusals_.prepare();
        ledger_.prepare();
    });
    thread_.emplace(every, [this] { keep(); });
}

void TokenUpkeep::stop() { thread_.reset(); }

void TokenUpkeep::write() {
    attempt(isRefusalFaultSaid_, [this] { refusals_.flush(); }); // counts uses
    attempt(isUseFaultSaid_, [this] { usage_.flush(); });
}

void TokenUpkeep::keep() {
    write();
    if (clock_.steady() < nextSweep_) return;
    nextSweep_ = clock_.steady() + sweepEvery;
    attempt(isSweepFaultSaid_, [this] { keeper_.sweep(); });
}

// A fault is said once, and again when it comes back.
void TokenUpkeep::attempt(bool& isSaid, const std::function<void()>& work) {
    try {
        work();
        isSaid = false;
    } catch (const std::exception& fault) {
        if (!std::exchange(isSaid, true))
            log_.warning(std::string("tokens and what they are used for cannot be written: ") + fault.what());
    }
}

// Of use counts only what reached a feature, or was kept from it; what a token's text was refused for counts when it is
// known whose it is.
void TokenUpkeep::record(const AuditEvent& event) {
    const bool isFeatureCall = isFeature(event.method);
    if (isRefused(event))
        refusals_.record({.tokenId = std::string(event.tokenId),
                          .digest = event.refusedToken ? *event.refusedToken : Sha256{},
                          .reason = std::string(event.reason),
                          .tool = isFeatureCall ? std::string(toolOf(event)) : "",
                          .peer = std::string(event.peer),
                          .client = std::string(event.client)});
    if (!isFeatureCall || event.tokenGeneration == 0) return;
    usage_.record({.tokenId = event.tokenId,
                   .generation = event.tokenGeneration,
                   .isPrevious = event.isPreviousText,
                   .tool = toolOf(event),
                   .kind = isRefused(event)               ? UseKind::refused
                           : event.outcome == Outcome::ok ? UseKind::ok
                                                          : UseKind::error,
                   .peer = event.peer,
                   .client = event.client});
}

// A fault is said once, and again when it comes back.
CallLimits::Grants TokenUpkeep::take(const std::vector<LimitWish>& wishes) {
    try {
        auto grants = ledger_.take(wishes);
        isLimitFaultSaid_ = false;
        return grants;
    } catch (const std::exception& fault) {
        if (!isLimitFaultSaid_.exchange(true))
            log_.error(std::string("the limits of tokens cannot be looked at: ") + fault.what());
        return std::nullopt;
    }
}

void TokenUpkeep::giveBack(const std::vector<LimitWish>& unused) {
    try {
        ledger_.giveBack(unused);
    } catch (const std::exception& fault) { // it counts as used
        log_.warning(std::string("calls that were not made count in the limits of their tokens: ") + fault.what());
    }
}

} // namespace gatehouse
