#include "tokens/recent_matches.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

TokenMatch matchFor(const std::string& id, std::vector<std::string> parents = {}) {
    TokenEntry entry = sampleEntry(id, id, sampleTime + 1h);
    TokenMatch match;
    for (const std::string& parent : parents)
        match.parents.push_back(std::make_shared<const TokenEntry>(sampleEntry(parent, parent)));
    if (!parents.empty()) entry.parent = parents.front();
    match.entry = std::make_shared<const TokenEntry>(entry);
    return match;
}

const auto gone = [](const Sha256&) -> std::optional<TokenMatch> { return std::nullopt; };

} // namespace

TEST_CASE("a match is found as it stands at the time that is asked for") {
    RecentMatches recent;
    recent.keep(sha256("a"), matchFor("a", {"parent"}));
    CHECK(recent.find(sha256("a"), sampleTime)->status == TokenStatus::active);
    CHECK(recent.find(sha256("a"), sampleTime)->parents.size() == 1);
    CHECK(recent.find(sha256("a"), sampleTime + 1h)->status == TokenStatus::expired);
    CHECK_FALSE(recent.find(sha256("b"), sampleTime));
}

TEST_CASE("what has changed is found anew, with what was derived from it; the rest is left") {
    RecentMatches recent;
    recent.keep(sha256("a"), matchFor("a"));
    recent.keep(sha256("child"), matchFor("child", {"a"}));
    recent.keep(sha256("other"), matchFor("other"));
    std::size_t asked = 0;
    recent.renew({"a"}, false, [&](const Sha256& digest) -> std::optional<TokenMatch> {
        ++asked;
        if (digest == sha256("child")) return std::nullopt;
        TokenMatch match = matchFor("a");
        auto entry = std::make_shared<TokenEntry>(*match.entry);
        entry->record.note = "renamed";
        match.entry = entry;
        return match;
    });
    CHECK(asked == 2);
    CHECK(recent.find(sha256("a"), sampleTime)->entry->record.note == "renamed");
    CHECK_FALSE(recent.find(sha256("child"), sampleTime));
    CHECK(recent.find(sha256("other"), sampleTime));
}

TEST_CASE("when it is not known what has changed, everything is found anew") {
    RecentMatches recent;
    for (const char* id : {"a", "b"}) recent.keep(sha256(id), matchFor(id));
    recent.renew({}, true, gone);
    for (const char* id : {"a", "b"}) CHECK_FALSE(recent.find(sha256(id), sampleTime));
}

TEST_CASE("no more are kept than the most") {
    RecentMatches recent;
    const TokenMatch match = matchFor("a");
    for (std::size_t i = 0; i < RecentMatches::most + 10; ++i) recent.keep(sha256(std::to_string(i)), match);
    std::size_t asked = 0;
    recent.renew({}, true, [&](const Sha256&) { return ++asked, std::optional<TokenMatch>(); });
    CHECK(asked == RecentMatches::most);
}
