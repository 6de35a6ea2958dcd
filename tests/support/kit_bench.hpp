// A bench on which one check of the kit is made, with a validator that a test scripts.
#pragma once

#include <mutex>
#include <sstream>
#include <utility>

#include "kit/checks.hpp"
#include "support/kept_log.hpp"
#include "support/kit_tokens.hpp"

namespace gatehouse::test {

// What a scripted validator does.
struct Script {
    std::function<Verdict(const TokenRequest&)> judge;
    ValidatorTraits traits{};
    std::function<ExchangeAnswer(const ExchangeRequest&)> exchange{};
    std::shared_ptr<void> kept{}; // for as long as the validator is there
};

class ScriptedValidator final : public kit::MadeValidator, private TokenValidator {
public:
    explicit ScriptedValidator(Script script) : script_(std::move(script)) {}
    TokenValidator& validator() override { return *this; }

private:
    ValidatorTraits traits() const override { return script_.traits; }
    Verdict validate(const TokenRequest& request) override { return script_.judge(request); }
    ExchangeAnswer exchange(const ExchangeRequest& request) override {
        return script_.exchange ? script_.exchange(request) : ExchangeRefused{"not offered"};
    }

    const Script script_;
};

using MakeScript = std::function<Script(HostDeps& deps)>;
inline kit::MakeValidator making(MakeScript script) {
    return [script = std::move(script)](HostDeps& deps, const Json& /*settings*/, const auto& /*others*/) {
        return std::make_unique<ScriptedValidator>(script(deps));
    };
}
inline kit::MakeValidator making(Script script) {
    return making([script = std::move(script)](HostDeps& /*deps*/) { return script; });
}

// Keys that are fetched when a token names one that is not known: a validator of its own provider.
class FetchedKeys {
public:
    FetchedKeys(HostDeps& deps, std::string url) : deps_(deps), url_(std::move(url)) {}
    jose::RemoteKeySet::Answer answerFor(const std::string& keyId) {
        const std::lock_guard lock(mutex_);
        if (known_ && known_->has(keyId)) return known_;
        FetchRequest request;
        request.url = url_;
        auto got = jose::KeySet::fromFetched(deps_.fetch(request));
        if (const auto* fault = std::get_if<jose::KeyFault>(&got)) return Unavailable{fault->words};
        known_ = std::make_shared<const jose::KeySet>(std::get<jose::KeySet>(std::move(got)));
        return known_;
    }

private:
    HostDeps& deps_;
    const std::string url_;
    std::mutex mutex_; // guards known_
    std::shared_ptr<const jose::KeySet> known_;
};

// Faults without how often they happened.
inline Words withoutTimes(const Words& faults) {
    Words out;
    for (const std::string& fault : faults) {
        const std::size_t comma = fault.rfind(", ");
        const bool counts =
            comma != std::string::npos && fault.size() > 6 && fault.substr(fault.size() - 6) == " times";
        out.insert(counts ? fault.substr(0, comma) : fault);
    }
    return out;
}

// A scripted validator knows its keys at once.
inline Json withoutPatience(Json settings) {
    if (!settings.contains("patience_seconds")) settings["patience_seconds"] = 0;
    return settings;
}

struct KitBench {
    explicit KitBench(const Json& settings = Json{{"algorithms", {"ES256"}}})
        : plan(kit::checkPlanFrom(withoutPatience(settings))), issuer(termsOf(plan.algorithms, provider.url())) {
        provider.publish(issuer.keySet().dump());
    }

    // Judges JWTs with the issuer's keys at hand.
    std::function<Verdict(const TokenRequest&)> right() const {
        return [judge = rightJudge(issuer)](const TokenRequest& request) { return judge(std::string(request.token)); };
    }
    // Judges fixed keys.
    std::function<Verdict(const TokenRequest&)> rightKey() const {
        return [secret = issuer.secret()](const TokenRequest& request) { return keyVerdict(request.token == secret); };
    }
    static Verdict keyVerdict(bool isRight) {
        if (!isRight) return Rejected{Rejected::Reason::unknown, "another key", {}, {}};
        Accepted yes;
        yes.identity.isolationKey = yes.identity.subject = "the key";
        return yes;
    }

    kit::CheckBench bench(const kit::MakeValidator& make, kit::CheckReport& report) {
        return {plan, issuer, provider, host, make, values, report, progress, classes, plan.patience};
    }
    // What the check finds wrong; what it says besides is in `said`.
    Words faultsOf(void (*check)(kit::CheckBench&), const kit::MakeValidator& make) {
        std::ostringstream out;
        kit::CheckReport report(out);
        kit::CheckBench made = bench(make, report);
        check(made);
        report.close();
        said = out.str();
        Words faults;
        std::istringstream lines(said);
        for (std::string line; std::getline(lines, line);)
            if (line.rfind("FAULT ", 0) == 0) faults.insert(line.substr(6));
        return faults;
    }
    Words faultsOf(void (*check)(kit::CheckBench&), Script script) {
        return faultsOf(check, making(std::move(script)));
    }

    KeptLog log;
    kit::KitProvider provider{log.log};
    const kit::CheckPlan plan;
    kit::KitIssuer issuer;
    kit::KitHost host{kitAudience};
    kit::KitValues values;
    kit::Progress progress;
    std::vector<kit::TokenClass> classes;
    std::string said;
};

} // namespace gatehouse::test
