#include "mcp/token_headers.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace std::chrono_literals;

namespace {

const WallTime now = WallTime(1'700'000'000s);

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
    const RpcError error = tooManyCalls(12s);
    CHECK(error.httpStatus == 429);
    CHECK(error.headers == "Retry-After: 12\r\n");
    CHECK(error.message.find("12 s") != std::string::npos);
}
