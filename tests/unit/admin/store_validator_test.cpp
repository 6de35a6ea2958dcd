#include "admin/store_validator.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site : SqliteSite {
    PageSessions sessions{clock};
    StoreValidator validator{store, sessions};
    Verdict judge(const std::string& text) {
        TokenRequest request;
        request.token = text;
        request.tokenSha256 = sha256(text);
        return validator.validate(request);
    }
    Manager manager(const std::string& text) { return managerOf(std::get<Accepted>(judge(text)).identity); }
    Rejected::Reason reason(const std::string& text) { return std::get<Rejected>(judge(text)).reason; }
};

} // namespace

TEST_CASE("a manager sees all, or what is its owner's; a token of MCP only itself") {
    Site site;
    for (const char* id : {"plain", "all", "bobs"}) site.add(id, id);
    for (const char* id : {"all", "bobs"})
        site.store.change(id, [&](TokenEntry& entry) {
            entry.purpose = TokenPurpose::manage;
            if (std::string(id) == "bobs") entry.owner = "bob";
        });
    CHECK_FALSE(site.manager("plain").manages);
    CHECK(site.manager("plain").id == "plain");
    CHECK(site.manager("all").manages);
    CHECK(site.manager("all").owner.empty());
    CHECK(site.manager("bobs").manages);
    CHECK(site.manager("bobs").owner == "bob");
}

// An owner's name is no right: a token of MCP is not a manager by what it is called.
TEST_CASE("a token whose owner has the name of a scope manages nothing") {
    Site site;
    site.add("plain", "plain");
    site.store.change("plain",
                      [](TokenEntry& entry) { entry.owner = "tokens:manage", entry.terms.scopes = {"tokens:manage"}; });
    CHECK_FALSE(site.manager("plain").manages);
}

TEST_CASE("what may not be used is refused, with a reason for the log") {
    Site site;
    site.add("late", "late", site.now() + 1h);
    for (const char* id : {"held", "removed"}) site.add(id, id);
    site.store.change("held", [&](TokenEntry& entry) { entry.suspendedAt = site.now(); });
    site.store.revoke({"removed"}, "");
    site.clock.turn(2h);
    CHECK(site.reason("late") == Rejected::Reason::expired);
    CHECK(site.reason("held") == Rejected::Reason::forbidden);
    CHECK(site.reason("removed") == Rejected::Reason::revoked);
    CHECK(site.reason("nobody's") == Rejected::Reason::unknown);
}
