// A gate with a validator that says what the test tells it to, and its surroundings.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/worker_pool.hpp"
#include "support/counting_telemetry.hpp"
#include "support/kept_log.hpp"
#include "support/manual_loop.hpp"
#include "support/turnable_clock.hpp"
#include "support/whole_gate.hpp"

namespace gatehouse::test {

inline Identity identityNamed(const std::string& name) {
    Identity identity;
    identity.issuer = "test";
    identity.subject = identity.tokenId = identity.isolationKey = name;
    return identity;
}

inline CallerPtr callerNamed(const std::string& name, WallTime expiresAt = never) {
    auto caller = std::make_shared<Caller>();
    caller->identity = identityNamed(name);
    caller->identity.expiresAt = expiresAt;
    caller->tokenDigest = sha256(name);
    return caller;
}

class ScriptedValidator final : public TokenValidator {
public:
    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        traits.runsInline = runsInline;
        traits.exchanges = exchanges;
        return traits;
    }
    Verdict validate(const TokenRequest& request) override {
        ++asked;
        return verdict ? verdict(request) : Verdict(Accepted{identityNamed(std::string(request.token)), cache});
    }
    ExchangeAnswer exchange(const ExchangeRequest& request) override {
        ++exchanged;
        return exchangeAnswer ? exchangeAnswer(request) : Exchanged{"for " + request.identity.subject};
    }
    bool runsInline = true, exchanges = false;
    CachePolicy cache = CachePolicy::forToken();
    std::function<Verdict(const TokenRequest&)> verdict;                  // default: accepts, with the token as name
    std::function<ExchangeAnswer(const ExchangeRequest&)> exchangeAnswer; // default: a credential for the subject
    std::atomic<int> asked{0}, exchanged{0};
};

// Of a request that is answered at once.
inline GateAnswer answerIn(Admission admission) { return std::get<GateAnswer>(std::move(admission)); }
inline const CallerPtr& callerIn(const GateAnswer& answer) { return std::get<Admitted>(answer).caller; }

// One request as it stands in a connection's buffer.
struct ShownRequest {
    std::vector<HeaderField> fields;
    std::string line; // of Authorization
    std::string peer;
    std::string query;
    GateRequest view() const { return {fields, query, "POST", peer, {}}; }
};

class ScriptedGate {
public:
    explicit ScriptedGate(bool runsInline = true, double failuresPerMinute = 600, GateOptions options = {},
                          bool exchanges = false, const std::string& tokenPrefix = {}) {
        validator.runsInline = runsInline;
        validator.exchanges = exchanges;
        options.authentication.validatorName = "scripted";
        options.authentication.resourceUrl = "https://mcp.example/mcp";
        options.authentication.failures.perMinute = failuresPerMinute;
        AuthenticatorDeps deps{clock,
                               log.log,
                               telemetry,
                               workers,
                               [this](std::function<void()> work) { loop.post(std::move(work)); },
                               [this](const std::string& key) { gone.push_back(key); }};
        deps.tokenPrefix = tokenPrefix;
        whole.emplace(options, std::move(deps), &validator);
        gate = &whole->gate;
    }

    // A request with one bearer token; kept as long as the gate.
    std::shared_ptr<const ShownRequest> request(const std::string& token, const std::string& peer = "192.0.2.1") {
        auto shown = std::make_shared<ShownRequest>();
        shown->line = "Bearer " + token;
        shown->fields = {{"Authorization", shown->line}};
        shown->peer = peer;
        return shown;
    }
    // Asks and returns where the answer will be.
    std::shared_ptr<std::optional<GateAnswer>> ask(const std::string& token, const std::string& peer = "192.0.2.1") {
        const auto shown = request(token, peer);
        auto answer = std::make_shared<std::optional<GateAnswer>>();
        Admission admission = gate->admit(shown->view());
        if (auto* known = std::get_if<GateAnswer>(&admission)) *answer = std::move(*known);
        else
            gate->admitLater(std::get<PendingAdmission>(std::move(admission)), shown,
                             [answer](GateAnswer got) { *answer = std::move(got); });
        return answer;
    }
    // The status of the refusal, or 200.
    int status(const std::string& token, const std::string& peer = "192.0.2.1") { return statusOf(ask(token, peer)); }
    int statusOf(const std::shared_ptr<std::optional<GateAnswer>>& answer) {
        if (!loop.runUntil([&] { return answer->has_value(); })) return 0;
        const auto* refusal = std::get_if<GateRefusal>(&**answer);
        return refusal ? refusal->status : 200;
    }

    TurnableClock clock;
    KeptLog log;
    CountingTelemetry telemetry;
    ManualLoop loop;
    ScriptedValidator validator;
    std::vector<std::string> gone;
    std::optional<WholeGate> whole;
    Gate* gate = nullptr;
    WorkerPool workers{{16, 16, std::chrono::milliseconds(10'000)},
                       [](std::string_view) {}}; // goes first: its jobs name the gate
};

} // namespace gatehouse::test
