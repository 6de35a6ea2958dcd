// What every kind of TokenStore has to do. Written once; a kind's own test runs it:
//
//     TEST_CASE("...") { tokenStoreContract([] { return std::make_unique<SiteOfThatKind>(); }); }
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tokens/token_request.hpp"
#include "unit/tokens/token_store_fixture.hpp"

namespace gatehouse::test {

class TokenStoreContract : TokenStoreFixture {
public:
    using TokenStoreFixture::TokenStoreFixture;

    void findsByDigest() {
        CHECK_FALSE(store_->isEmpty());
        CHECK(noteOf("one") == "note of first");
        CHECK(noteOf("two") == std::nullopt);
        CHECK(std::holds_alternative<TokenUnknown>(store_->find(Sha256{})));
        CHECK(store_->healthy());
        CHECK_FALSE(store_->name().empty());
    }
    void addsOnce() {
        store_->add(entry("second", "two", start_ + hours(1)));
        const auto found = store_->find(sha256("two"));
        REQUIRE(std::holds_alternative<TokenRecord>(found));
        const auto& record = std::get<TokenRecord>(found);
        CHECK(record.id == "second");
        CHECK(record.expiresAt == start_ + hours(1));
        CHECK(record.createdAt == start_);
        CHECK_THROWS_AS(store_->add(entry("second", "three")), TokenStoreError);
        CHECK_THROWS_AS(store_->add(entry("third", "two")), TokenStoreError);
        CHECK(ids() == std::vector<std::string>{"first", "second"});
        CHECK(told_.empty()); // nothing is gone
    }
    void changes() {
        const auto before = store_->generation();
        REQUIRE(store_->change("first", [](TokenEntry& token) { token.record.note = "renamed"; }));
        CHECK(noteOf("one") == "renamed");
        CHECK(told_.empty()); // it means what it meant
        CHECK(store_->generation() > before);
        REQUIRE(store_->change("first", [&](TokenEntry& token) { token.record.expiresAt = start_ + hours(2); }));
        CHECK(told_ == std::vector<std::string>{"first"});
        CHECK(noteOf("one") == "renamed");
        CHECK_FALSE(store_->change("nobody", [](TokenEntry&) {}));
    }
    void rotates() {
        const auto before = store_->generation();
        REQUIRE(rotate("first", "fresh"));
        CHECK(noteOf("one") == std::nullopt);
        CHECK(noteOf("fresh") == "note of first");
        CHECK(goneOf("one") == GoneToken::Why::replaced);
        CHECK(told_ == std::vector<std::string>{"first"});
        CHECK(store_->changesSince(before).gone == std::vector<std::string>{"first"});
        CHECK_FALSE(rotate("nobody", "x"));
        store_->add(entry("second", "two"));
        CHECK_THROWS_AS(rotate("first", "two"), TokenStoreError);
        CHECK(noteOf("fresh") == "note of first");
    }
    void revokes() {
        store_->add(entry("second", "two"));
        const auto before = store_->generation();
        REQUIRE(revoke("first"));
        CHECK(noteOf("one") == std::nullopt);
        CHECK(goneOf("one") == GoneToken::Why::removed);
        CHECK(ids() == std::vector<std::string>{"second"});
        CHECK(told_ == std::vector<std::string>{"first"});
        CHECK(store_->changesSince(before).gone == std::vector<std::string>{"first"});
        CHECK_FALSE(store_->changesSince(before).all);
        CHECK(store_->changesSince(store_->generation()).gone.empty());
        CHECK_FALSE(revoke("first"));
    }
    void withdraws() {
        REQUIRE(store_->withdraw("first"));
        CHECK(noteOf("one") == std::nullopt);
        CHECK(goneOf("one") == std::nullopt);
        CHECK(ids().empty());
        CHECK(store_->isEmpty());
        CHECK_FALSE(store_->withdraw("first"));
    }
    // The old text goes on for the overlap, and no longer.
    void rotatesWithOverlap() {
        store_->add(entry("day", "day", start_ + hours(24)));
        site_->clock.turn(hours(6));
        REQUIRE(rotate("day", "fresh", hours(2)));
        for (const char* text : {"day", "fresh"}) CHECK(noteOf(text) == "note of day");
        CHECK(std::get<TokenRecord>(store_->find(sha256("day"))).expiresAt == start_ + hours(8));
        CHECK(std::get<TokenRecord>(store_->find(sha256("fresh"))).expiresAt == start_ + hours(30));
        CHECK(matchOf("day").isPrevious);
        CHECK_FALSE(matchOf("fresh").isPrevious);
        CHECK(matchOf("fresh").entry->generation == 2);
        CHECK_THROWS_AS(rotate("day", "third"), RotationInProgress);
        CHECK(noteOf("third") == std::nullopt);
        site_->clock.turn(hours(2));
        CHECK(matchOf("day").status == TokenStatus::expired);
        REQUIRE(rotate("day", "third"));
        for (const char* text : {"day", "fresh"}) CHECK(goneOf(text) == GoneToken::Why::replaced);
        CHECK(noteOf("third") == "note of day");
    }
    void holdsWhatMayNotBeUsed() {
        REQUIRE(store_->change("first", [&](TokenEntry& token) { token.suspendedAt = start_; }));
        CHECK(told_ == std::vector<std::string>{"first"});
        CHECK(noteOf("one") == std::nullopt);
        CHECK(goneOf("one") == GoneToken::Why::suspended);
        CHECK(ids() == std::vector<std::string>{"first"});
        REQUIRE(store_->change("first", [](TokenEntry& token) { token.suspendedAt.reset(); }));
        CHECK(noteOf("one") == "note of first");

        TokenEntry later = entry("later", "later");
        later.notBefore = start_ + hours(1);
        store_->add(later);
        CHECK(noteOf("later") == std::nullopt);
        CHECK(goneOf("later") == GoneToken::Why::notYetValid);
        const auto before = store_->generation();
        store_->beginDue();
        CHECK(store_->generation() == before);
        store_->watch();
        site_->clock.turn(hours(1));
        store_->beginDue();
        CHECK(comes([&] { return store_->generation() > before; })); // kept refusals are asked about again
        CHECK(noteOf("later") == "note of later");
    }
    void keepsWhatATokenMayDo() {
        TokenEntry token = entry("terms", "terms", start_ + hours(1));
        token.terms = {.scopes = {"read:tasks", "write:tasks"},
                       .databases = {"main"},
                       .tools = {{"query_*"}, {"query_secret"}},
                       .networks = {{"10.0.0.0/8"}, {}},
                       .callsPerHour = 1000,
                       .burst = 20,
                       .maxCalls = 5};
        token.description = "\"quotes\": and\nlines \u202e";
        token.labels = {{"team", "ops"}};
        token.owner = "alice";
        token.createdBy = "host";
        token.maxIdleDays = 30;
        store_->add(token);
        const auto kept = matchOf("terms").entry;
        CHECK(kept->terms == token.terms);
        CHECK(kept->description == token.description);
        CHECK(kept->labels == token.labels);
        CHECK(kept->owner == "alice");
        CHECK(kept->createdBy == "host");
        CHECK(kept->maxIdleDays == 30);
        REQUIRE(store_->change("terms", [](TokenEntry& wanted) { wanted.terms.scopes.pop_back(); }));
        CHECK(told_ == std::vector<std::string>{"terms"});
        CHECK(matchOf("terms").entry->terms.scopes == std::vector<std::string>{"read:tasks"});
    }
    // All that applyRequest() takes, as somebody may write it.
    void givesBackWhatWasAskedFor() {
        std::istringstream all(
            " |~|null|yes|0x1F|1e3|- a|a: b|a #b|{|[]|'|\"|\\n|%|@|`|&a|*a|!!str|<script>|---|...|"
            "\xEF\xBB\xBF|\xC2\x85|\xC2\xA0|\xE2\x80\xA8|\xE2\x80\xAExyz|\xF0\x9F\x94\x91");
        std::vector<std::string> texts;
        for (std::string one; std::getline(all, one, '|');) texts.push_back(one);
        std::map<std::string, std::string> labels{{"empty", ""}};
        for (const std::string& text : texts) labels[text] = text;
        int number = 0;
        for (const std::string& text : texts) {
            TokenEntry wanted = entry("n" + std::to_string(++number), "text " + std::to_string(number));
            applyRequest({{"name", text}, {"owner", text}, {"description", text}, {"labels", labels}},
                         {"name", "owner", "description", "labels"}, start_, wanted);
            store_->add(wanted);
            const TokenEntry kept = site_->open()->get(wanted.record.id).value();
            for (const std::string& one : {kept.record.note, kept.owner, kept.description}) CHECK(one == text);
            CHECK(kept.labels == labels);
        }
        CHECK(ids().size() == texts.size() + 1);
        REQUIRE(store_->revoke({"n1"}, texts.back()) == std::vector<std::string>{"n1"});
        CHECK(store_->listGone().back().because == texts.back());
    }
    void managingTokensAreNoValidatorsBusiness() {
        TokenEntry token = entry("manager", "manager");
        token.purpose = TokenPurpose::manage;
        store_->add(token);
        CHECK(noteOf("manager") == std::nullopt);
        CHECK(matchOf("manager").entry->purpose == TokenPurpose::manage);
    }
    void aChildDiesWithItsParent() {
        TokenEntry child = entry("child", "child"), grandchild = entry("grandchild", "grandchild");
        child.parent = "first";
        grandchild.parent = "child";
        store_->add(child);
        store_->add(grandchild);
        CHECK(noteOf("grandchild") == "note of grandchild");
        REQUIRE(store_->change("first", [&](TokenEntry& token) { token.suspendedAt = start_; }));
        CHECK(std::set<std::string>(told_.begin(), told_.end()) ==
              std::set<std::string>{"first", "child", "grandchild"});
        for (const char* text : {"one", "child", "grandchild"}) CHECK(noteOf(text) == std::nullopt);
        REQUIRE(store_->change("first", [&](TokenEntry& token) {
            token.suspendedAt.reset();
            token.record.expiresAt = start_ + hours(1);
        }));
        CHECK(std::get<TokenRecord>(store_->find(sha256("grandchild"))).expiresAt == start_ + hours(1));
        CHECK(store_->revoke({"first"}, "").size() == 3);
        CHECK(ids().empty());
    }
    void listsWhatEndsByNotBeingUsed() {
        CHECK(store_->listWatched().empty());
        REQUIRE(store_->change("first", [](TokenEntry& token) { token.maxIdleDays = 3; }));
        REQUIRE(store_->listWatched().size() == 1);
        CHECK(store_->listWatched()[0].record.id == "first");
        REQUIRE(store_->change("first", [](TokenEntry& token) { token.maxIdleDays = 0; }));
        CHECK(store_->listWatched().empty());
    }
    void knowsTheRequestOfAToken() {
        TokenEntry made = entry("made", "made");
        made.request = RequestMark{.key = "key", .body = "body", .at = start_};
        store_->add(made);
        CHECK(store_->getByRequest("key")->record.id == "made");
        CHECK(store_->getByRequest("key")->request == made.request);
        CHECK_FALSE(store_->getByRequest("other"));
        TokenEntry again = entry("again", "again");
        again.request = made.request;
        CHECK_THROWS_AS(store_->add(again), TokenStoreError);
        CHECK(store_->get("made"));
        CHECK_FALSE(store_->get("again"));
    }
    void revivesWhatHasExpired() {
        TokenEntry brief = entry("brief", "brief", start_ + hours(1));
        brief.terms.scopes = {"read:tasks"};
        brief.owner = "alice";
        store_->add(brief);
        site_->clock.turn(hours(2));
        store_->load();
        CHECK(goneOf("brief") == GoneToken::Why::expired);
        REQUIRE(rotate("brief", "fresh"));
        CHECK(noteOf("brief") == std::nullopt);
        const auto again = matchOf("fresh");
        CHECK(again.entry->terms.scopes == brief.terms.scopes);
        CHECK(again.entry->owner == "alice");
        CHECK(again.entry->generation == 2);
        CHECK(again.until == start_ + hours(3));
        CHECK(revoke("brief", "lost"));
        CHECK_FALSE(rotate("brief", "more")); // what was removed stays so
        const auto gone = store_->listGone();
        REQUIRE_FALSE(gone.empty());
        CHECK(gone.back().because == "lost");
    }
    void expires() {
        store_->add(entry("brief", "brief", start_ + std::chrono::seconds(5)));
        site_->clock.turn(std::chrono::seconds(6)); // who judges sees it
        CHECK(std::get<TokenRecord>(store_->find(sha256("brief"))).expiresAt < site_->clock.wall());
        const auto reader = site_->open();
        reader->load(TokenStore::Access::read);
        CHECK(std::holds_alternative<TokenUnknown>(reader->find(sha256("brief"))));
        CHECK(reader->findGone(sha256("brief"))->why == GoneToken::Why::expired);
        CHECK(ids() == std::vector<std::string>{"first", "brief"}); // a reader changes nothing
        const auto writer = site_->open();
        writer->load();
        CHECK(ids() == std::vector<std::string>{"first"});
    }
    void visitsEach() {
        TokenEntry hers = entry("second", "two");
        hers.owner = "alice";
        store_->add(hers);
        CHECK(visited("") == std::vector<std::string>{"first", "second"});
        CHECK(visited("alice") == std::vector<std::string>{"second"});
        CHECK(visited("bob").empty());
        CHECK_THROWS_AS(store_->visit("", [](TokenEntry&) { throw std::out_of_range("told"); }), std::out_of_range);
    }
    void knowsHowATokenEnded() {
        CHECK_FALSE(store_->getGone("first"));
        REQUIRE(rotate("first", "fresh"));
        CHECK_FALSE(store_->getGone("first")); // a text was replaced, the token is there
        REQUIRE(revoke("first", "lost"));
        CHECK(store_->getGone("first")->because == "lost");
        std::size_t all = 0;
        store_->visitGone([&](GoneToken& gone) { all += gone.id == "first" ? 1 : 0; });
        CHECK(all == store_->listGone().size());
        CHECK(all == 2);
    }
    void loadsWhatAnotherKept() {
        const auto other = site_->open();
        other->add(entry("second", "two"));
        other->load();
        CHECK(std::holds_alternative<TokenRecord>(other->find(sha256("one"))));
        CHECK(std::holds_alternative<TokenRecord>(other->find(sha256("two"))));
        CHECK(other->check().empty());
    }
    void noticesWhatAnotherChanges() {
        store_->watch();
        const auto other = site_->open();
        other->add(entry("second", "two"));
        CHECK(comes([&] { return noteOf("two").has_value(); }));
        other->revoke({"first"}, "");
        CHECK(comes([&] { return !noteOf("one"); }));
        CHECK(goneOf("one") == GoneToken::Why::removed);
    }
    void losesNothingOfSeveralWriters() {
        constexpr int each = 8;
        std::vector<std::thread> writers;
        for (int writer = 0; writer < 3; ++writer)
            writers.emplace_back([this, writer] {
                const auto own = site_->open();
                for (int i = 0; i < each; ++i) {
                    const std::string name = std::to_string(writer) + "-" + std::to_string(i);
                    own->add(entry(name, "text " + name));
                }
            });
        for (std::thread& writer : writers) writer.join();
        CHECK(ids().size() == 1 + 3 * each);
    }
};

inline void tokenStoreContract(const std::function<std::unique_ptr<TokenStoreSite>()>& makeSite) {
    struct Clause {
        const char* what;
        void (TokenStoreContract::*check)();
    };
    for (const Clause& clause : std::initializer_list<Clause>{
             {"finds by digest", &TokenStoreContract::findsByDigest},
             {"adds an id and a digest once", &TokenStoreContract::addsOnce},
             {"changes what may change, and tells of what means something else", &TokenStoreContract::changes},
             {"rotates the text of a token", &TokenStoreContract::rotates},
             {"rotates with an overlap", &TokenStoreContract::rotatesWithOverlap},
             {"holds what may not be used", &TokenStoreContract::holdsWhatMayNotBeUsed},
             {"keeps what a token may do", &TokenStoreContract::keepsWhatATokenMayDo},
             {"gives back whatever a request may ask for", &TokenStoreContract::givesBackWhatWasAskedFor},
             {"tells validators of no token that manages", &TokenStoreContract::managingTokensAreNoValidatorsBusiness},
             {"ends a child with its parent", &TokenStoreContract::aChildDiesWithItsParent},
             {"lists what ends by not being used", &TokenStoreContract::listsWhatEndsByNotBeingUsed},
             {"knows the request that made a token, which makes one", &TokenStoreContract::knowsTheRequestOfAToken},
             {"revives what has expired", &TokenStoreContract::revivesWhatHasExpired},
             {"revokes, and remembers it", &TokenStoreContract::revokes},
             {"withdraws, and remembers nothing", &TokenStoreContract::withdraws},
             {"takes out what has expired when it is loaded", &TokenStoreContract::expires},
             {"visits each token, or each of one owner", &TokenStoreContract::visitsEach},
             {"knows how a token ended", &TokenStoreContract::knowsHowATokenEnded},
             {"loads what another process kept", &TokenStoreContract::loadsWhatAnotherKept},
             {"notices what another process changes", &TokenStoreContract::noticesWhatAnotherChanges},
             {"loses nothing of several writers", &TokenStoreContract::losesNothingOfSeveralWriters}}) {
        DYNAMIC_SECTION(clause.what) {
            TokenStoreContract contract(makeSite());
            (contract.*clause.check)();
        }
    }
}

} // namespace gatehouse::test
