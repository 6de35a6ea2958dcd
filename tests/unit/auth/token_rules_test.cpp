#include "auth/token_rules.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;

namespace {

std::shared_ptr<const TokenEntry> entryWith(TokenTerms terms) {
    TokenEntry entry = test::sampleEntry("id", "text");
    entry.terms = std::move(terms);
    return std::make_shared<const TokenEntry>(std::move(entry));
}

TokenRules rulesOf(TokenTerms terms) { return TokenRules(TokenMatch{.entry = entryWith(std::move(terms))}); }

} // namespace

TEST_CASE("a token without lists may be used from anywhere, for every tool") {
    const TokenRules rules = rulesOf({});
    CHECK(rules.allowsPeer("203.0.113.9"));
    CHECK(rules.allowsPeer("2001:db8::1"));
    CHECK(rules.allowsTool("anything"));
    CHECK(rules.scopes().empty());
}

TEST_CASE("networks: what is denied is out, and with an allow all others are") {
    const TokenRules allow = rulesOf({.networks = {{"10.0.0.0/8", "2001:db8::/32"}, {"10.1.0.0/16"}}});
    CHECK(allow.allowsPeer("10.2.3.4"));
    CHECK(allow.allowsPeer("2001:db8::7"));
    CHECK_FALSE(allow.allowsPeer("10.1.2.3"));
    CHECK_FALSE(allow.allowsPeer("11.0.0.1"));
    CHECK_FALSE(allow.allowsPeer("not an address"));
    const TokenRules deny = rulesOf({.networks = {{}, {"10.0.0.0/8"}}});
    CHECK_FALSE(deny.allowsPeer("10.0.0.1"));
    CHECK(deny.allowsPeer("11.0.0.1"));
}

// The store takes no such address; should one stand in a file, it must not open the token.
TEST_CASE("an allow of what is no address lets nobody in") {
    CHECK_FALSE(rulesOf({.networks = {{"everywhere"}, {}}}).allowsPeer("10.0.0.1"));
}

TEST_CASE("tools: patterns, deny before allow") {
    const TokenRules rules = rulesOf({.tools = {{"query_*", "list"}, {"query_secret"}}});
    CHECK(rules.allowsTool("query_database"));
    CHECK(rules.allowsTool("list"));
    CHECK_FALSE(rules.allowsTool("query_secret"));
    CHECK_FALSE(rules.allowsTool("lists"));
    CHECK_FALSE(rules.allowsTool(""));
}

TEST_CASE("nothing is left of scopes that no parent has") {
    TokenMatch match{.entry = entryWith({.scopes = {"read:tasks"}})};
    match.parents = {entryWith({})};
    CHECK(TokenRules(match).scopes().empty());
}

TEST_CASE("the text before the present one is told apart") {
    TokenMatch match{.entry = entryWith({})};
    CHECK_FALSE(TokenRules(match).isPrevious());
    match.isPrevious = true;
    CHECK(TokenRules(match).isPrevious());
}

TEST_CASE("what was derived may do what it and all that it was derived from may") {
    TokenMatch match{.entry = entryWith({.scopes = {"read:tasks", "write:tasks"}, .tools = {{"*"}, {}}})};
    match.parents = {entryWith({.scopes = {"read:tasks"}, .tools = {{"query"}, {}}}),
                     entryWith({.scopes = {"read:tasks"}, .networks = {{"10.0.0.0/8"}, {}}})};
    const TokenRules rules(match);
    CHECK(rules.scopes() == std::vector<std::string>{"read:tasks"});
    CHECK(rules.allowsTool("query"));
    CHECK_FALSE(rules.allowsTool("other"));
    CHECK(rules.allowsPeer("10.0.0.1"));
    CHECK_FALSE(rules.allowsPeer("192.0.2.1"));
    CHECK(rules.levels().size() == 3);
}

TEST_CASE("the generation is that of the text that was shown") {
    TokenEntry entry = test::sampleEntry("id", "text");
    entry.generation = 3;
    const auto shared = std::make_shared<const TokenEntry>(entry);
    CHECK(TokenRules(TokenMatch{.entry = shared}).generation() == 3);
    CHECK(TokenRules(TokenMatch{.entry = shared, .isPrevious = true}).generation() == 2);
}

TEST_CASE("rules are the same when text, terms, database and parents are") {
    TokenEntry entry = test::sampleEntry("id", "text");
    entry.terms.scopes = {"read:tasks"};
    const auto rulesWith = [&](const std::function<void(TokenEntry&)>& change) {
        TokenEntry other = entry;
        change(other);
        return TokenRules(TokenMatch{.entry = std::make_shared<const TokenEntry>(std::move(other))});
    };
    const TokenRules rules = rulesWith([](TokenEntry&) {});
    CHECK(rules.isSameAs(rulesWith([](TokenEntry& e) { e.record.expiresAt = WallTime(std::chrono::hours(1)); })));
    CHECK_FALSE(rules.isSameAs(rulesWith([](TokenEntry& e) { e.terms.scopes = {}; })));
    CHECK_FALSE(rules.isSameAs(rulesWith([](TokenEntry& e) { e.terms.callsPerHour = 3; })));
    CHECK_FALSE(rules.isSameAs(rulesWith([](TokenEntry& e) { e.generation = 2; })));
    CHECK_FALSE(rules.isSameAs(rulesWith([](TokenEntry& e) { e.record.database = "other"; })));
    CHECK_FALSE(rules.isSameAs(rulesWith([](TokenEntry& e) { e.record.id = "other"; })));
    const auto shared = std::make_shared<const TokenEntry>(entry);
    CHECK_FALSE(rules.isSameAs(TokenRules(TokenMatch{.entry = shared, .parents = {shared}})));
    CHECK_FALSE(TokenRules(TokenMatch{.entry = shared, .parents = {shared}}).isSameAs(rules));
}
