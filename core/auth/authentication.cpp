#include "auth/authentication.hpp"

namespace gatehouse {

AuthenticationFailure failureOf(const Rejected& rejected) {
    using Kind = AuthenticationFailure::Kind;
    if (rejected.reason == Rejected::Reason::insufficientScope)
        return {.kind = Kind::narrowToken, .neededScopes = rejected.neededScopes};
    return {.kind = Kind::invalidToken, .reason = reasonName(rejected.reason), .detail = rejected.detail};
}

std::string_view reasonName(Rejected::Reason reason) {
    switch (reason) {
        case Rejected::Reason::notMine: return "not_mine";
        case Rejected::Reason::malformed: return "malformed";
        case Rejected::Reason::unknown: return "unknown";
        case Rejected::Reason::expired: return "expired";
        case Rejected::Reason::revoked: return "revoked";
        case Rejected::Reason::wrongAudience: return "wrong_audience";
        case Rejected::Reason::badSignature: return "bad_signature";
        case Rejected::Reason::forbidden: return "forbidden";
        case Rejected::Reason::insufficientScope: return "insufficient_scope";
    }
    return "unknown";
}

} // namespace gatehouse
