#include "tokens/token_refusals.hpp"

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/sqlite_database.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site {
    ScratchFolder folder;
    TurnableClock clock;
    int asked = 0;
    std::tuple<std::int64_t, std::string, std::string> told; // of the text that was asked for last
    SqliteSource source{folder.file("use.db")};
    TokenRefusals refusals{source, clock, [this](const TokenRefusals::RefusedText& text) -> std::optional<std::string> {
                               ++asked;
                               told = {text.times, std::string(text.peer), std::string(text.client)};
                               return text.digest == sha256("mine") ? std::optional<std::string>("a") : std::nullopt;
                           }};
    void refused(const std::string& text, const std::string& reason = "expired") {
        refusals.record(
            {.tokenId = "", .digest = sha256(text), .reason = reason, .peer = "192.0.2.1", .client = "c/1"});
    }
};

} // namespace

TEST_CASE("a refusal is told under the token whose text was shown, the latest first, repeats counted") {
    Site site;
    site.refused("mine");
    site.refused("mine");
    CHECK(site.asked == 0); // a refusal costs no look-up
    site.refusals.flush();
    CHECK(site.told == std::tuple(2, "192.0.2.1", "c/1"));
    site.clock.turn(2s);
    site.refusals.record({.tokenId = "a", .reason = "rate_limit", .tool = "query", .peer = "192.0.2.2"});
    site.refusals.flush();
    const Json rows = site.refusals.of("a");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0]["reason"] == "rate_limit");
    CHECK(rows[0]["tool"] == "query");
    CHECK(rows[1]["count"] == 2);
    CHECK(rows[1]["client"] == "c/1");
    CHECK(rows[1]["address"] == "192.0.2.1");
    CHECK(site.refusals.of("b").empty());
}

TEST_CASE("texts that are none of ours leave nothing behind") {
    Site site;
    for (int i = 0; i < 10; ++i) site.refused("guess " + std::to_string(i), "unknown");
    site.refusals.flush();
    CHECK(site.asked == 10);
    CHECK_FALSE(std::filesystem::exists(site.folder.file("use.db")));
}

TEST_CASE("refusals of one token are bounded in the file, and those of all in memory") {
    Site site;
    for (std::size_t i = 0; i < 2 * TokenRefusals::keptOfToken; ++i) {
        site.refused("mine", "r" + std::to_string(i));
        site.refusals.flush();
        site.clock.turn(1s);
    }
    CHECK(site.refusals.of("a").size() == TokenRefusals::keptOfToken);
    CHECK(site.refusals.of("a")[0]["reason"] == "r39");
    site.asked = 0;
    for (std::size_t i = 0; i < 2 * TokenRefusals::maxPending; ++i) site.refused("guess " + std::to_string(i));
    site.refusals.flush();
    CHECK(site.asked == static_cast<int>(TokenRefusals::maxPending));
}

TEST_CASE("refusals of a month ago are forgotten at a start") {
    Site site;
    site.refused("mine");
    site.refusals.flush();
    site.clock.turn(24h * (TokenRefusals::keptDays + 1));
    TokenRefusals again(site.source, site.clock, [](const TokenRefusals::RefusedText&) { return std::nullopt; });
    again.prepare();
    CHECK(again.of("a").empty());
}
