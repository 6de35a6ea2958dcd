#include "tokens/token_family.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Family {
    std::map<std::string, std::shared_ptr<const TokenEntry>> all;
    void add(const std::string& id, const std::string& parent = "",
             const std::function<void(TokenEntry&)>& change = {}) {
        TokenEntry entry = sampleEntry(id, id);
        entry.parent = parent;
        if (change) change(entry);
        all[id] = std::make_shared<const TokenEntry>(entry);
    }
    TokenMatchResult match(const std::string& id, WallTime now = sampleTime) const {
        const auto byId = [this](const std::string& name) {
            const auto found = all.find(name);
            return found == all.end() ? nullptr : found->second;
        };
        return matchOf(all.at(id), sha256(id), byId, now);
    }
};

} // namespace

TEST_CASE("a token without a parent stands for itself") {
    Family family;
    family.add("a", "", [](TokenEntry& entry) { entry.record.expiresAt = sampleTime + 1h; });
    const auto match = std::get<TokenMatch>(family.match("a"));
    CHECK(match.status == TokenStatus::active);
    CHECK(match.until == sampleTime + 1h);
    CHECK(match.parents.empty());
    CHECK(std::get<TokenMatch>(family.match("a", sampleTime + 1h)).status == TokenStatus::expired);
}

TEST_CASE("a parent that is held, or ends, or is gone, holds or ends its child") {
    Family family;
    family.add("a", "", [](TokenEntry& entry) { entry.record.expiresAt = sampleTime + 1h; });
    family.add("b", "a");
    CHECK(std::get<TokenMatch>(family.match("b")).until == sampleTime + 1h);
    CHECK(std::get<TokenMatch>(family.match("b", sampleTime + 2h)).status == TokenStatus::expired);
    family.add("a", "", [](TokenEntry& entry) { entry.suspendedAt = sampleTime; });
    CHECK(std::get<TokenMatch>(family.match("b")).status == TokenStatus::suspended);
    family.all.erase("a");
    CHECK(std::holds_alternative<TokenUnknown>(family.match("b")));
}

TEST_CASE("parents that go in a circle, or are too many, make a text unknown") {
    Family family;
    family.add("a", "b");
    family.add("b", "a");
    CHECK(std::holds_alternative<TokenUnknown>(family.match("a")));
    Family deep;
    deep.add("0");
    for (std::size_t i = 1; i <= maxDerivations + 1; ++i) deep.add(std::to_string(i), std::to_string(i - 1));
    CHECK(std::holds_alternative<TokenMatch>(deep.match(std::to_string(maxDerivations))));
    CHECK(std::holds_alternative<TokenUnknown>(deep.match(std::to_string(maxDerivations + 1))));
}

TEST_CASE("why a text that is known may not be used") {
    Family family;
    family.add("a");
    CHECK_FALSE(heldAs(family.match("a")));
    CHECK_FALSE(heldAs(TokenUnknown{}));
    family.add("a", "", [](TokenEntry& entry) { entry.notBefore = sampleTime + 1h; });
    CHECK(heldAs(family.match("a"))->why == GoneToken::Why::notYetValid);
    CHECK(heldAs(family.match("a"))->goneAt == sampleTime + 1h);
    family.add("a", "", [](TokenEntry& entry) { entry.suspendedAt = sampleTime; });
    CHECK(heldAs(family.match("a"))->why == GoneToken::Why::suspended);
    family.add("a", "", [](TokenEntry& entry) { entry.record.expiresAt = sampleTime; });
    CHECK(heldAs(family.match("a"))->why == GoneToken::Why::expired);
}

TEST_CASE("a child is its parent's in all but its name, and never wider") {
    TokenEntry parent = sampleEntry("p", "p", sampleTime + 24h);
    parent.terms.scopes = {"read:tasks", "write:tasks"};
    parent.owner = "alice";
    TokenEntry child = childOf(parent, "c", sampleTime);
    CHECK(child.record.id == "c");
    CHECK(child.parent == "p");
    CHECK(child.owner == "alice");
    CHECK(child.terms.scopes == parent.terms.scopes);
    CHECK(widerThan(child, parent).empty());
    child.terms.scopes = {"read:tasks"};
    CHECK(widerThan(child, parent).empty());
    child.terms.scopes.emplace_back("read:agents");
    CHECK(widerThan(child, parent) == "scopes: the token that it is derived from has no read:agents");
    parent.terms.scopes.clear(); // it may do what needs none
    CHECK_FALSE(widerThan(child, parent).empty());
    child = childOf(parent, "c", sampleTime);
    CHECK(widerThan(child, parent).empty());
    child.record.expiresAt = never;
    CHECK_FALSE(widerThan(child, parent).empty());
    child = childOf(parent, "c", sampleTime);
    child.purpose = TokenPurpose::manage;
    CHECK_FALSE(widerThan(child, parent).empty());
}

TEST_CASE("a change of a note or a label means the same token, any other does not") {
    const TokenEntry entry = sampleEntry("a", "a");
    struct Row {
        const char* what;
        bool same;
        std::function<void(TokenEntry&)> change;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"note", true, [](TokenEntry& one) { one.record.note = "x"; }},
                                    {"labels", true, [](TokenEntry& one) { one.labels["x"] = "y"; }},
                                    {"text", false, [](TokenEntry& one) { one.digest = sha256("x"); }},
                                    {"database", false, [](TokenEntry& one) { one.record.database = "x"; }},
                                    {"end", false, [](TokenEntry& one) { one.record.expiresAt = sampleTime; }},
                                    {"scopes", false, [](TokenEntry& one) { one.terms.scopes = {"x"}; }},
                                    {"limit", false, [](TokenEntry& one) { one.terms.callsPerHour = 1; }},
                                    {"held", false, [](TokenEntry& one) { one.suspendedAt = sampleTime; }},
                                    {"begin", false, [](TokenEntry& one) { one.notBefore = sampleTime; }},
                                    {"purpose", false, [](TokenEntry& one) { one.purpose = TokenPurpose::manage; }},
                                    {"previous", false, [](TokenEntry& one) { one.previous = PreviousText{}; }}}) {
        TokenEntry other = entry;
        row.change(other);
        INFO(row.what);
        CHECK(meansSame(entry, other) == row.same);
    }
}

TEST_CASE("what is derived from some ids, directly or not") {
    std::vector<TokenEntry> all;
    for (const auto& [id, parent] : {std::pair("c", "b"), std::pair("b", "a"), std::pair("x", "y")}) {
        all.push_back(sampleEntry(id, id));
        all.back().parent = parent;
    }
    CHECK(withDerived({"a"}, all) == std::vector<std::string>{"a", "b", "c"});
    CHECK(withDerived({"b"}, all) == std::vector<std::string>{"b", "c"});
    CHECK(withDerived({}, all).empty());
}
