#include "auth/explanation.hpp"

#include "auth/authentication.hpp"

namespace gatehouse {

std::optional<GateRefusal> refusalFor(const Verdict& verdict, const Policy& policy, const Challenge& challenge) {
    if (const auto* later = std::get_if<Unavailable>(&verdict)) return challenge.unavailable(later->retryAfter);
    if (const auto* no = std::get_if<Rejected>(&verdict)) return challenge.refusalOf(failureOf(*no));
    const auto& yes = std::get<Accepted>(verdict);
    const auto needed = policy.refusal(yes.requiredScopes, policy.grantsOf(yes.identity.scopes));
    return needed.empty() ? std::nullopt : std::optional(challenge.insufficientScope(needed));
}

std::string wordsFor(const Verdict& verdict) {
    if (const auto* yes = std::get_if<Accepted>(&verdict)) return "accepted as " + yes->identity.subject;
    if (const auto* later = std::get_if<Unavailable>(&verdict)) return "unavailable: " + later->detail;
    const auto& no = std::get<Rejected>(verdict);
    std::string words = "rejected (";
    words.append(reasonName(no.reason)).append(")");
    return no.detail.empty() ? words : words + ": " + no.detail;
}

} // namespace gatehouse
