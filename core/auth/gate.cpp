#include "auth/gate.hpp"

namespace gatehouse {

Admission Gate::admit(const GateRequest& request) {
    Authentication known = authenticator_.authenticate(request);
    if (auto* pending = std::get_if<PendingAdmission>(&known)) return std::move(*pending);
    return authorized(std::get<AuthenticationAnswer>(std::move(known)));
}

void Gate::admitLater(PendingAdmission pending, std::shared_ptr<const void> alive,
                      std::function<void(GateAnswer)> done) {
    authenticator_.authenticateLater(
        std::move(pending), std::move(alive),
        [this, done = std::move(done)](AuthenticationAnswer answer) { done(authorized(std::move(answer))); });
}

// A good token may still have too few scopes for anything.
GateAnswer Gate::authorized(AuthenticationAnswer answer) {
    if (const auto* failure = std::get_if<AuthenticationFailure>(&answer)) return challenge_.refusalOf(*failure);
    auto& known = std::get<Authenticated>(answer);
    GrantsPtr grants = authorizer_.grantsOf(*known.caller);
    const auto lacking = authorizer_.lacking(*known.caller, *grants);
    if (!lacking.empty()) return challenge_.insufficientScope(lacking, known.caller);
    return Admitted{std::move(known.caller), std::move(grants), std::move(known.token)};
}

} // namespace gatehouse
