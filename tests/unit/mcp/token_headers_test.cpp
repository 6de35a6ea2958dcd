#include "mcp/token_headers.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace std::chrono_literals;

namespace {

const WallTime now = WallTime(1'700'000'000s);

std::string expiryHeader(WallTime expiresAt, WallTime at) {
    std::string out;
    appendExpiryHeader(out, expiresAt, at);
    return out;
}

std::string limitHeaders(const LimitState& state, WallTime at, LimitHeaders kind) {
    std::string out;
    appendLimitHeaders(out, state, at, kind);
    return out;
}

} // namespace

TEST_CASE("a token tells when it ends in its last seven days, and not before") {
    CHECK(expiryHeader(never, now).empty());
    CHECK(expiryHeader(now + 7 * 24h + 1s, now).empty());
    CHECK(expiryHeader(now + 7 * 24h, now) == "Gatehouse-Token-Expires: 2023-11-21T22:13:20Z\r\n");
    CHECK(expiryHeader(now + 1s, now) == "Gatehouse-Token-Expires: 2023-11-14T22:13:21Z\r\n");
}

TEST_CASE("a token with a limit tells what is left of it; the older headers only where they are asked for") {
    const LimitState state{.limit = 100, .remaining = 7, .resets = 30s};
    const std::string standard = "RateLimit-Policy: \"hour\";q=100;w=3600\r\nRateLimit: \"hour\";r=7;t=30\r\n";
    CHECK(limitHeaders(state, now, LimitHeaders::standard) == standard);
    CHECK(limitHeaders(state, now, LimitHeaders::withLegacy) ==
          standard + "X-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 7\r\nX-RateLimit-Reset: 1700000030\r\n");
    CHECK(limitHeaders(state, now + 1ms, LimitHeaders::withLegacy).find("Reset: 1700000031") != std::string::npos);
    CHECK(limitHeaders({}, now, LimitHeaders::withLegacy).empty());
}

TEST_CASE("one call too many is 429, with the seconds after which another is worth a try") {
    const LimitFailure failure = failureOf({.why = LimitRefusal::Why::rate, .wait = 12s});
    CHECK(failure.error.httpStatus == 429);
    CHECK(failure.error.headers == "Retry-After: 12\r\n");
    CHECK(failure.error.message.find("12 s") != std::string::npos);
    CHECK(failure.reason == "rate_limit");
    CHECK(failure.outcome == Outcome::limited);
}

TEST_CASE("a life that is used up is 403 for good, and limits that are not known are 503 for now") {
    const LimitFailure used = failureOf({.why = LimitRefusal::Why::usedUp});
    CHECK(used.error.httpStatus == 403);
    CHECK(used.error.headers.empty());
    const LimitFailure unknown = failureOf({.why = LimitRefusal::Why::unknown});
    CHECK(unknown.error.httpStatus == 503);
    CHECK(unknown.error.headers == "Retry-After: 1\r\n");
    CHECK(unknown.outcome == Outcome::unavailable);
}
