// The checks of the kit. Each makes the validator as it needs it, asks it, and tells the report.
//
// Threads: one calls; the checks that need more threads have their own.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kit/check_plan.hpp"
#include "kit/check_report.hpp"
#include "kit/guarded_run.hpp"
#include "kit/kit_host.hpp"
#include "kit/kit_issuer.hpp"
#include "kit/kit_provider.hpp"
#include "kit/subject.hpp"
#include "kit/token_class.hpp"

namespace gatehouse::kit {

// All that a check works with.
struct CheckBench {
    const CheckPlan& plan;
    KitIssuer& issuer;
    KitProvider& provider;
    KitHost& host;
    const MakeValidator& make;
    const KitValues& values; // of ${kit.NAME}
    CheckReport& report;
    Progress& progress;
    std::vector<TokenClass> classes; // of tokens, that apply
    std::chrono::seconds patience;   // for a new validator to come to know its keys; none after it was in vain

    // A new one. Throws what its constructor throws.
    Subject subject() const;
    // A new one that has come to know its keys: a good token is accepted. When patience ends, as it is.
    Subject readySubject();
    // A token that it must accept, made now; the same one where tokens cannot be made.
    std::string goodToken(const std::string& subject = "kit-user") const;
    const TokenCase* someCase(Wanted wanted) const;
};

std::string nameOf(const Verdict& verdict); // "accepted", "refused", "unavailable"

void checkTokens(CheckBench& bench);      // every token class
void checkIdentity(CheckBench& bench);    // the identity of an accepted token, and its expiry
void checkSecrecy(CheckBench& bench);     // nothing of a token in logs and reasons
void checkCaching(CheckBench& bench);     // how long verdicts are kept, and what that costs or saves
void checkConcurrency(CheckBench& bench); // many threads, each token its own answer
void checkLeaks(CheckBench& bench);       // memory, descriptors, threads
void checkInline(CheckBench& bench);      // what runs on the event loop never blocks
void checkComparison(CheckBench& bench);  // the time to compare says nothing of the secret
void checkProvider(CheckBench& bench);    // an identity provider that is down
void checkExchange(CheckBench& bench);    // RFC 8693

} // namespace gatehouse::kit
