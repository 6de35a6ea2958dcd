#include "tokens/gone_tokens.hpp"

#include <catch2/catch.hpp>

#include "base/time_text.hpp"
#include "support/sample_tokens.hpp"
#include "tokens/token_fields.hpp"
#include "tokens/token_file.hpp"
#include "tokens/token_yaml.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::sampleEntry;
using test::sampleTime;

namespace {

GoneToken gone(const std::string& id, WallTime at, GoneToken::Why why = GoneToken::Why::removed) {
    return goneFrom(sampleEntry(id, id), why, at);
}

// The list after it was written and read again.
std::vector<GoneToken> again(const YAML::Node& root, WallTime now) { return goneTokens(loadYaml(yamlText(root)), now); }

std::string ids(const std::vector<GoneToken>& tokens) {
    std::string all;
    for (const GoneToken& token : tokens) all += token.id + " ";
    return all;
}

std::string item(const std::string& more) { return "removed:\n- id: a\n  sha256: " + hex(sha256("a")) + "\n" + more; }

const std::string when = "  removed_at: \"" + rfc3339(sampleTime) + "\"\n";

} // namespace

TEST_CASE("U07: what is kept of a token that has gone is read again as it was written") {
    GoneToken expired = gone("a", sampleTime, GoneToken::Why::expired);
    expired.note = "Produktion: \"größte\"\n";
    expired.expiresAt = sampleTime - 1h;
    YAML::Node root = loadYaml("tokens: []\n");
    keepGoneTokens(root, {expired, gone("b", sampleTime + 1s)}, sampleTime + 1s);
    const auto read = again(root, sampleTime + 1s);
    REQUIRE(read.size() == 2);
    CHECK(read[0].id == "a");
    CHECK(read[0].digest == sha256("a"));
    CHECK(read[0].note == expired.note);
    CHECK(read[0].expiresAt == sampleTime - 1h);
    CHECK(read[0].why == GoneToken::Why::expired);
    CHECK(read[0].goneAt == sampleTime);
    CHECK(read[1].why == GoneToken::Why::removed);
    CHECK(read[1].expiresAt == never);
}

TEST_CASE("U07: it is remembered for 30 days, and not a second longer") {
    YAML::Node root = loadYaml("tokens: []\n");
    keepGoneTokens(root, {gone("a", sampleTime)}, sampleTime);
    CHECK(again(root, sampleTime + 30 * 24h - 1s).size() == 1);
    CHECK(again(root, sampleTime + 30 * 24h).empty());
    keepGoneTokens(root, {}, sampleTime + 30 * 24h);
    CHECK(yamlText(root) == "tokens: []\n"); // and forgotten in the file with the next write
}

TEST_CASE("U07: a thousand are remembered, and the oldest go first, however they stand") {
    YAML::Node root = loadYaml("tokens: []\n");
    std::vector<GoneToken> many;
    for (int i = 0; i < 1'000; ++i) many.push_back(gone("n" + std::to_string(i), sampleTime + i * 1s));
    std::swap(many[0], many[500]);
    keepGoneTokens(root, many, sampleTime);
    CHECK(again(root, sampleTime).size() == 1'000);
    keepGoneTokens(root, {gone("last", sampleTime + 2000s)}, sampleTime);
    const auto kept = again(root, sampleTime);
    REQUIRE(kept.size() == 1'000);
    CHECK(kept.front().id == "n1");
    CHECK(kept.back().id == "last");
}

TEST_CASE("U07: a record that cannot be read is left out and holds nothing up") {
    for (const std::string& text : std::vector<std::string>{
             "removed:\n", "removed: 1\n", "removed: {a: 1}\n", "removed: [1, [2], {}]\n", item(""), item(when),
             item("  reason: expired\n"), item("  reason: sold\n" + when), item("  reason: [expired]\n" + when),
             item("  reason: expired\n  removed_at: yesterday\n"),
             "removed:\n- id: a\n  sha256: short\n  reason: expired\n" + when}) {
        DYNAMIC_SECTION(text) { CHECK(goneTokens(loadYaml("tokens: []\n" + text), sampleTime).empty()); }
    }
    CHECK(goneTokens(loadYaml("[1]"), sampleTime).empty());
    CHECK(ids(goneTokens(loadYaml(item("  reason: removed\n" + when + "- 7\n")), sampleTime)) == "a ");
}

TEST_CASE("U07: no token's text is ever written, only its digest") {
    YAML::Node root = loadYaml("tokens: []\n");
    keepGoneTokens(root, {goneFrom(sampleEntry("id", "the-secret-text"), GoneToken::Why::removed, sampleTime)},
                   sampleTime);
    const std::string text = yamlText(root);
    CHECK(text.find("the-secret-text") == std::string::npos);
    CHECK(text.find(hex(sha256("the-secret-text"))) != std::string::npos);
}

TEST_CASE("U07: a record that is moved to the tokens makes none") {
    YAML::Node root = loadYaml("tokens: []\n");
    keepGoneTokens(root, {gone("a", sampleTime)}, sampleTime);
    root["tokens"] = root["removed"];
    CHECK_THROWS_AS(parseTokens(yamlText(root), "t.yaml"), TokenStoreError);
}
