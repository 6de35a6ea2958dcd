#include "tokens/token_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <vector>

#include "support/sample_tokens.hpp"
#include "tokens/token_fields.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::sampleTime;

TEST_CASE("a new token is 44 characters of base64url and never comes twice") {
    std::set<std::string> seen;
    for (int i = 0; i < 500; ++i) {
        const std::string token = newToken();
        REQUIRE(token.size() == 44);
        REQUIRE(token.back() == '=');
        REQUIRE(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == 43);
        seen.insert(token);
    }
    CHECK(seen.size() == 500);
}

TEST_CASE("a new id is token- and ten digits, and two made at once differ") {
    std::set<std::string> seen;
    for (int i = 0; i < 500; ++i) {
        const std::string id = newTokenId();
        REQUIRE(id.size() == 16);
        REQUIRE(id.rfind("token-", 0) == 0);
        REQUIRE(std::all_of(id.begin() + 6, id.end(), [](char c) { return c >= '0' && c <= '9'; }));
        seen.insert(id);
    }
    CHECK(seen.size() == 500);
}

TEST_CASE("a lifetime is a number with h, d, w or y, or never") {
    struct Row {
        const char* text;
        std::chrono::hours life;
    };
    for (const Row& row : std::vector<Row>{{"1h", 1h},
                                           {"12h", 12h},
                                           {"1d", 24h},
                                           {"30d", 30 * 24h},
                                           {"90d", 90 * 24h},
                                           {"2w", 14 * 24h},
                                           {"1y", 365 * 24h},
                                           {"100y", 36500 * 24h},
                                           {"007d", 7 * 24h}}) {
        DYNAMIC_SECTION(row.text) {
            const auto expiry = expiryFrom(row.text, sampleTime);
            REQUIRE(std::holds_alternative<WallTime>(expiry));
            CHECK(std::get<WallTime>(expiry) == sampleTime + row.life);
        }
    }
    CHECK(std::get<WallTime>(expiryFrom("never", sampleTime)) == never);
}

TEST_CASE("what is no lifetime is told with what would be one") {
    struct Row {
        const char* text;
        const char* why;
    };
    for (const Row& row : std::vector<Row>{{"6m", "expiry \"6m\": months are not directly supported, use days (180d)"},
                                           {"1m", "use days (30d)"},
                                           {"", "use a number and h, d, w or y (12h, 30d, 2w, 1y), or never"},
                                           {"30", "use a number and"},
                                           {"d", "use a number and"},
                                           {"30 d", "use a number and"},
                                           {"30D", "use a number and"},
                                           {"30days", "use a number and"},
                                           {"1.5d", "use a number and"},
                                           {"+30d", "use a number and"},
                                           {"30s", "use a number and"},
                                           {"99999999999999999999d", "use a number and"},
                                           {"Never!", "use a number and"},
                                           {"0d", "must lie in the future"},
                                           {"-1d", "must lie in the future"},
                                           {"101y", "more than 100 years; use never"},
                                           {"36501d", "more than 100 years"},
                                           {"9223372036854775807y", "more than 100 years"}}) {
        DYNAMIC_SECTION('"' << row.text << '"') {
            const auto expiry = expiryFrom(row.text, sampleTime);
            REQUIRE(std::holds_alternative<std::string>(expiry));
            CHECK(std::get<std::string>(expiry).find(row.why) != std::string::npos);
        }
    }
}

TEST_CASE("advice on months is never nonsense") {
    for (const char* text : {"0m", "-6m", "9223372036854775807m"}) {
        DYNAMIC_SECTION(text) {
            const auto expiry = expiryFrom(text, sampleTime);
            REQUIRE(std::holds_alternative<std::string>(expiry));
            CHECK(std::get<std::string>(expiry).find("(-") == std::string::npos);
            CHECK(std::get<std::string>(expiry).find("(0d)") == std::string::npos);
        }
    }
}

TEST_CASE("E06f: an expiry is shown as a date and the days until then, one day as one day") {
    struct Row {
        const char* what;
        WallTime expiresAt;
        const char* words;
    };
    for (const Row& row :
         std::vector<Row>{{"a year", sampleTime + 365 * 24h, "2025-10-30 (365 days from now)"},
                          {"a month", sampleTime + 30 * 24h, "2024-11-29 (30 days from now)"},
                          {"one day", sampleTime + 24h, "2024-10-31 (1 day from now)"},
                          {"an hour", sampleTime + 1h, "2024-10-30 (1 hour from now)"},
                          {"half a day", sampleTime + 12h, "2024-10-30 (12 hours from now)"},
                          {"two days", sampleTime + 48h, "2024-11-01 (2 days from now)"},
                          {"over a leap day", sampleTime + 4 * 365 * 24h, "2028-10-29 (1460 days from now)"},
                          {"never", never, "Never"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(expiryWords(row.expiresAt, sampleTime) == row.words); }
    }
}

TEST_CASE("U07: why a token has gone is said with its id and the time, never with more") {
    TokenEntry entry = test::sampleEntry("token-1", "secret", sampleTime);
    CHECK(goneWords(goneFrom(entry, GoneToken::Why::expired, sampleTime + 1h)) ==
          "token-1 expired at 2024-10-30 10:15:30 UTC");
    CHECK(goneWords(goneFrom(entry, GoneToken::Why::removed, sampleTime + 1h)) ==
          "token-1 was removed at 2024-10-30 11:15:30 UTC (token not found in database)");
}

TEST_CASE("a hash is shown by its first nine characters") {
    CHECK(shortHash("b3f805a4c2e7d9f1a8b6c3e2d5f4a1b9c8e7d6f5a4b3c2e1d9f8a7b6c5e4d3f2") == "b3f805a4c...");
}
