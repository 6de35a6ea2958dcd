#include "tokens/token_usage.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/sqlite_database.hpp"
#include "tokens/token_store.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site {
    ScratchFolder folder;
    TurnableClock clock;
    SqliteSource source{folder.file("use.db")};
    TokenUsage usage{source, clock};
    void call(const std::string& tool, UseKind kind = UseKind::ok, std::uint64_t generation = 1,
              bool isPrevious = false) {
        usage.record({.tokenId = "a",
                      .generation = generation,
                      .isPrevious = isPrevious,
                      .tool = tool,
                      .kind = kind,
                      .peer = "192.0.2.1",
                      .client = "client/1"});
    }
};

std::int64_t sumOf(const Json& rows) {
    std::int64_t sum = 0;
    for (const Json& row : rows)
        sum += row["ok"].get<std::int64_t>() + row["error"].get<std::int64_t>() + row["refused"].get<std::int64_t>();
    return sum;
}

} // namespace

TEST_CASE("a token that was not used has nothing, and no file is made for it") {
    Site site;
    const Json report = site.usage.report("a");
    CHECK(report["usage_count"] == 0);
    CHECK(report["last_used_at"].is_null());
    CHECK(report["days"].empty());
    site.usage.flush();
    CHECK_FALSE(std::filesystem::exists(site.folder.file("use.db")));
}

TEST_CASE("a file that cannot be made is told before the first call") {
    Site site;
    site.usage.prepare();
    CHECK(std::filesystem::exists(site.folder.file("use.db")));
    std::filesystem::create_directory(site.folder.file("folder"));
    const SqliteSource folder(site.folder.file("folder"));
    TokenUsage nowhere(folder, site.clock);
    CHECK_THROWS(nowhere.prepare());
}

TEST_CASE("calls of a text that was rotated count from the rotation on, before they are written and after") {
    Site site;
    TokenEntry entry = sampleEntry("a", "second");
    entry.generation = 2;
    site.call("query");
    site.call("query");
    CHECK(site.usage.of(entry).callsOfPrevious == 0);
    site.call("query", UseKind::ok, 1, true);
    CHECK(site.usage.of(entry).callsOfPrevious == 1);
    site.usage.flush();
    site.call("query", UseKind::refused, 1, true);
    CHECK(site.usage.of(entry).callsOfPrevious == 2);
    site.usage.flush();
    CHECK(TokenUsage(site.source, site.clock).of(entry).callsOfPrevious == 2);
    CHECK(site.usage.of(entry).calls == 4);
}

TEST_CASE("calls are counted by day, tool, outcome and generation, before they are written and after") {
    Site site;
    for (const bool isWritten : {false, true}) {
        site.call("query");
        site.call("query", UseKind::error);
        site.call("list", UseKind::ok, 2);
        site.call("query", UseKind::refused, 2);
        site.clock.turn(24h);
        site.call("query");
        if (isWritten) site.usage.flush();
        const Json report = site.usage.report("a");
        CHECK(report["usage_count"] == (isWritten ? 10 : 5));
        CHECK(sumOf(report["days"]) == report["usage_count"]);
        CHECK(sumOf(report["tools"]) == report["usage_count"]);
        CHECK(report["generations"].size() == 2);
        CHECK(report["last_used_at"] == (isWritten ? "2024-11-21T07:06:40Z" : "2024-11-20T07:06:40Z"));
    }
    const Json report = site.usage.report("a");
    CHECK(report["days"].size() == 3);
    CHECK(report["generations"][0]["address"] == "192.0.2.1");
    CHECK(report["generations"][0]["client"] == "client/1");
    CHECK(site.usage.report("b")["usage_count"] == 0);
}

TEST_CASE("what was flushed is there after a restart, and what another process counted counts as well") {
    Site site;
    site.call("query");
    site.usage.flush();
    TokenUsage other(site.source, site.clock);
    other.record({.tokenId = "a", .tool = "query"});
    other.flush();
    CHECK(site.usage.report("a")["usage_count"] == 2);
    CHECK(other.report("a")["usage_count"] == 2);
}

TEST_CASE("names that callers make up are counted together") {
    Site site;
    for (int i = 0; i < 200; ++i) site.call("made-up-" + std::to_string(i), UseKind::refused);
    site.usage.flush();
    CHECK(site.usage.report("a")["tools"].size() == 1);
    for (std::size_t i = 0; i < 2 * TokenUsage::maxTools; ++i)
        site.call("unknown-" + std::to_string(i), UseKind::error);
    site.usage.flush();
    CHECK(site.usage.report("a")["tools"].size() <= TokenUsage::maxTools + 1);
    CHECK(site.usage.report("a")["usage_count"] == 400);
}

TEST_CASE("what cannot be written is kept, and written later") {
    Site site;
    std::filesystem::create_directory(site.folder.file("use.db")); // a folder in its place
    site.call("query");
    CHECK_THROWS(site.usage.flush());
    site.call("query");
    std::filesystem::remove(site.folder.file("use.db"));
    site.usage.flush();
    CHECK(TokenUsage(site.source, site.clock).report("a")["usage_count"] == 2);
}

TEST_CASE("of a rotated token it is known whether the text before is still in use") {
    Site site;
    site.call("query", UseKind::ok, 1, true);
    site.clock.turn(1h);
    site.call("query", UseKind::ok, 2);
    TokenEntry entry = sampleEntry("a", "text");
    entry.generation = 2;
    const TokenUse use = site.usage.of(entry);
    CHECK(use.calls == 2);
    CHECK(use.callsOfPrevious == 1);
    CHECK(*use.previousUsedAt + 1h == *use.lastUsedAt);
}
