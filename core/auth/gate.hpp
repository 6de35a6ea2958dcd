// Gate: who may enter one route. Asks the Authenticator who is calling, the Authorizer whether that caller may come in
// here, and says no in the words of the route's challenge.
//
// A server has one Authenticator, and a gate for each route that has a policy or a challenge of its own.
// Threads: one (the loop's).
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "auth/authenticator.hpp"
#include "auth/authorizer.hpp"
#include "auth/challenge.hpp"

namespace gatehouse {

// What an authenticator and the gate of one route are made from.
struct GateOptions {
    AuthenticatorOptions authentication;
    ChallengeOptions challenge;
    Policy policy;
};

struct Admitted {
    CallerPtr caller;
    GrantsPtr grants;
    SecretPtr token; // the caller's, when the validator exchanges it for the backend; else null
};

using GateAnswer = std::variant<Admitted, GateRefusal>;
using Admission = std::variant<GateAnswer, PendingAdmission>;

class Gate {
public:
    // Both outlive the gate.
    Gate(Authenticator& authenticator, Authorizer& authorizer, const ChallengeOptions& challenge)
        : authenticator_(authenticator), authorizer_(authorizer), challenge_(challenge) {}

    // The answer, when it is known at once; else what admitLater asks about.
    Admission admit(const GateRequest& request);
    // Asks the validator on a worker; `done` is called on the loop. `alive` keeps the request's views.
    void admitLater(PendingAdmission pending, std::shared_ptr<const void> alive, std::function<void(GateAnswer)> done);

    // The refusal for Authenticator::endedSince when `admit` cannot answer at once.
    GateRefusal ended() const { return challenge_.invalidToken("revoked", "while the request was being sent"); }

    Authenticator& authenticator() { return authenticator_; }
    const Challenge& challenge() const { return challenge_; }
    const Policy& policy() const { return authorizer_.policy(); }

private:
    GateAnswer authorized(AuthenticationAnswer answer);

    Authenticator& authenticator_;
    Authorizer& authorizer_;
    const Challenge challenge_;
};

} // namespace gatehouse
