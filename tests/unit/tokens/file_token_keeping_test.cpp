// What the token file does for those who keep tokens: the contract of every kind of store, and what is its own.
#include "tokens/file_token_store.hpp"

#include <fstream>

#include <catch2/catch.hpp>

#include "base/time_text.hpp"
#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "unit/tokens/token_store_contract.hpp"

using namespace gatehouse;
using test::listItem;
using test::ScratchFolder;

namespace {

// A store with all that it needs.
struct Shop {
    explicit Shop(const std::string& text) {
        write(text);
        store.whenChanged([this](const std::vector<std::string>& ids) { gone = ids; });
        store.load();
    }
    void write(const std::string& text) const { folder.write("t.yaml", text); }

    const ScratchFolder folder;
    test::TurnableClock clock;
    test::KeptLog log;
    test::CountingTelemetry telemetry;
    FileTokenStore store{folder.file("t.yaml"), clock, log.log, telemetry};
    std::optional<std::vector<std::string>> gone; // of the last change
};

TokenEntry unreadable() {
    TokenEntry entry; // without an id
    entry.digest = sha256("text");
    return entry;
}

struct FileSite final : test::TokenStoreSite {
    std::unique_ptr<TokenStore> open() override {
        return std::make_unique<FileTokenStore>(folder.file("t.yaml"), clock, log.log, telemetry);
    }
    const ScratchFolder folder;
};

} // namespace

TEST_CASE("the token file passes the contract of every token store") {
    test::tokenStoreContract([] { return std::make_unique<FileSite>(); });
}

TEST_CASE("a change in the file keeps what is not ours, in the form that was found") {
    for (const std::string& item :
         {listItem("a", "1", "  team: blue\n  annotation: hers\n  database: other\n"),
          test::mapItem("a", "1", "    team: blue\n    annotation: hers\n    database: other\n")}) {
        Shop shop("tokens:\n" + item);
        REQUIRE(shop.store.change("a",
                                  [](TokenEntry& token) { token.record.note = "his", token.record.database.clear(); }));
        std::ifstream file(shop.store.name());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        CHECK(text.find("team: blue") != std::string::npos);
        CHECK(text.find("annotation: his") != std::string::npos);
        CHECK(text.find("note:") == std::string::npos);
        CHECK(text.find("database") == std::string::npos);
        CHECK(*shop.gone == std::vector<std::string>{"a"}); // it means another database now
    }
}

TEST_CASE("a change of a token that shares a value with another by an anchor leaves the other as it is") {
    const std::string text = "tokens:\n" + listItem("a", "1", "  expires_at: &e \"2030-01-01T00:00:00Z\"\n") +
                             listItem("b", "2", "  expires_at: *e\n");
    Shop shop(text);
    REQUIRE(shop.store.change("a", [](TokenEntry& token) { token.record.expiresAt = never; }));
    const auto tokens = TokenFile(shop.store.name()).read();
    REQUIRE(tokens.size() == 2);
    CHECK(tokens[0].record.expiresAt == never);
    CHECK(tokens[1].record.expiresAt == *parseRfc3339("2030-01-01T00:00:00Z"));
}

TEST_CASE("a token that nobody could read again is not added") {
    Shop shop("tokens: []\n");
    CHECK_THROWS_AS(shop.store.add(unreadable()), TokenStoreError);
    CHECK(TokenFile(shop.store.name()).read().empty());
}

TEST_CASE("what was written and cannot be read is told to the writer, not taken for in force") {
    Shop shop("tokens:\n" + listItem("a", "1"));
    shop.clock.turn(std::chrono::hours(1));
    REQUIRE(shop.store.revoke({"a"}, "") == std::vector<std::string>{"a"});
    shop.write("tokens: [\n");
    CHECK_THROWS_AS(shop.store.revoke({"b"}, ""), TokenStoreError);
    CHECK_FALSE(shop.store.healthy());
}

TEST_CASE("changes further back than are kept are everything") {
    Shop shop("tokens:\n" + listItem("a", "1"));
    const auto start = shop.store.generation();
    for (std::size_t i = 0; i <= Generations::maxKept; ++i)
        rotateToken(shop.store, "a", {.fresh = sha256("turn " + std::to_string(i))}, test::sampleTime);
    CHECK(shop.store.changesSince(start).all);
    CHECK(shop.store.changesSince(start).gone.empty());
    CHECK_FALSE(shop.store.changesSince(start + 1).all);
    CHECK(shop.store.changesSince(start + 1).gone.size() == Generations::maxKept);
}
