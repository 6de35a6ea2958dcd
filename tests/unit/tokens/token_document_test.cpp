#include "tokens/token_document.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const std::string listForm = "tokens:\n" + listItem("a", "1", "  note: first\n  team: blue\n") + listItem("b", "2");
const std::string mapForm =
    "tokens:\n" + mapItem("a", "1", "    annotation: first\n    team: blue\n") + mapItem("b", "2");

TokenEntry entryOf(const TokenDocument& document, const std::string& id) {
    for (const TokenEntry& entry : document.entries())
        if (entry.record.id == id) return entry;
    FAIL("no token " + id);
    return {};
}

} // namespace

// A version that does not know of states reads `tokens:` alone.
TEST_CASE("a held token stands outside of tokens, without the word hash, and comes back") {
    for (const std::string& text : {listForm, mapForm}) {
        TokenDocument document(text, "f");
        TokenEntry entry = entryOf(document, "a");
        entry.suspendedAt = sampleTime;
        document.replace(entry, sampleTime);
        const std::string held = document.text();
        const std::string before = held.substr(0, held.find("held:"));
        CHECK(before.find(hex(sha256("1"))) == std::string::npos);
        const std::string after = held.substr(held.find("held:"));
        CHECK(after.find("sha256: ") != std::string::npos);
        CHECK(after.find("hash: ") == std::string::npos);
        CHECK(after.find("team: blue") != std::string::npos);
        TokenDocument again(held, "f");
        entry = entryOf(again, "a");
        CHECK(entry.suspendedAt == sampleTime);
        CHECK(entry.record.note == "first");
        entry.suspendedAt.reset();
        again.replace(entry, sampleTime);
        CHECK(again.text().find("held:") == std::string::npos);
        CHECK(again.text().find("team: blue") != std::string::npos);
        CHECK(TokenDocument(again.text(), "f").entries().size() == 2);
    }
}

TEST_CASE("a token that is not yet valid is added as held") {
    TokenDocument document(listForm, "f");
    TokenEntry entry = sampleEntry("later", "3");
    entry.notBefore = sampleTime + 1h;
    document.add(entry, sampleTime);
    CHECK(document.text().find("held:") != std::string::npos);
    CHECK(TokenDocument(document.text(), "f").entries().size() == 3);
}

TEST_CASE("fields of ours are written anew, others stay in their place, and what is no longer set goes") {
    TokenDocument document(mapForm, "f");
    TokenEntry entry = entryOf(document, "a");
    entry.terms.scopes = {"read:tasks"};
    entry.terms.callsPerHour = 5;
    document.replace(entry, sampleTime);
    TokenDocument again(document.text(), "f");
    CHECK(entryOf(again, "a").terms == entry.terms);
    CHECK(document.text().find("annotation: first") != std::string::npos);
    entry.terms = {};
    again.replace(entry, sampleTime);
    CHECK(again.text().find("scopes") == std::string::npos);
    CHECK(again.text().find("rate_limit") == std::string::npos);
    CHECK(again.text().find("team: blue") != std::string::npos);
}

TEST_CASE("what is wrong in a field of a token is told with its line") {
    struct Row {
        std::string more, words;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"  rate_limit: many\n", "f:4: rate_limit: expected a whole number"},
                                    {"  scopes: {a: b}\n", "f:4: scopes: expected a list of strings"},
                                    {"  note: x\n  not_before: soon\n", "f:5: not_before: expected a time"}})
        CHECK_THROWS_WITH(TokenDocument("tokens:\n" + listItem("a", "1", row.more), "f"), Catch::StartsWith(row.words));
    CHECK_THROWS_WITH(TokenDocument("tokens: []\nheld: 5\n", "f"), "f:2: held: expected a list");
    CHECK_THROWS_WITH(
        TokenDocument("tokens:\n" + listItem("a", "1") + "held:\n- {id: a, sha256: " + hex(sha256("2")) + "}\n", "f"),
        Catch::Contains("duplicate id a"));
}

TEST_CASE("the text before a rotation counts as a text of its own") {
    const std::string previous =
        "  previous: {sha256: " + hex(sha256("2")) + ", valid_until: \"2030-01-01T00:00:00Z\"}\n";
    CHECK_THROWS_WITH(TokenDocument("tokens:\n" + listItem("a", "1", previous) + listItem("b", "2"), "f"),
                      Catch::Contains("duplicate token"));
}
