#include "mcp/token_headers.hpp"

#include <gatehouse/append_pieces.hpp>

#include "base/digits.hpp"
#include "base/time_text.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::chrono::hours warnedBefore{7 * 24};

std::string line(const char* name, const std::string& value) { return std::string(name) + ": " + value + "\r\n"; }

} // namespace

void appendExpiryHeader(std::string& out, WallTime expiresAt, WallTime now) {
    if (expiresAt == never || expiresAt > now + warnedBefore) return;
    out += line("Gatehouse-Token-Expires", rfc3339(expiresAt));
}

void appendLimitHeaders(std::string& out, const LimitState& state, WallTime now, LimitHeaders kind) {
    if (state.limit == 0) return;
    const Digits limit(state.limit), remaining(state.remaining), resets(state.resets.count());
    appendPieces(out, "RateLimit-Policy: \"hour\";q=", limit.view(),
                 ";w=3600\r\nRateLimit: \"hour\";r=", remaining.view(), ";t=", resets.view(), "\r\n");
    if (kind == LimitHeaders::standard) return;
    const auto resetsAt = std::chrono::ceil<std::chrono::seconds>(now.time_since_epoch()) + state.resets;
    appendPieces(out, "X-RateLimit-Limit: ", limit.view(), "\r\nX-RateLimit-Remaining: ", remaining.view(),
                 "\r\nX-RateLimit-Reset: ", Digits(resetsAt.count()).view(), "\r\n");
}

LimitFailure failureOf(const LimitRefusal& refusal) {
    using Why = LimitRefusal::Why;
    const std::string seconds = std::to_string(refusal.wait.count());
    if (refusal.why == Why::usedUp)
        return {{403, code::tooManyCalls, "403: this access token has made all the calls that it may make", ""},
                "used_up"};
    if (refusal.why == Why::unknown)
        return {{.httpStatus = 503,
                 .code = code::internalError,
                 .message = "503: the limits of this access token cannot be looked at; try again in " + seconds + " s",
                 .dataJson = {},
                 .headers = line("Retry-After", seconds)},
                "limits_unknown",
                Outcome::unavailable};
    return {{.httpStatus = 429,
             .code = code::tooManyCalls,
             .message = "429: this access token is at its limit of calls; try again in " + seconds + " s",
             .dataJson = {},
             .headers = line("Retry-After", seconds)},
            "rate_limit"};
}

} // namespace gatehouse::mcp
