#include "mcp/session/session_store.hpp"

#include <functional>
#include <set>

#include <catch2/catch.hpp>

#include "support/stream_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Ids = std::set<std::string>;

struct Fixture {
    explicit Fixture(std::size_t maxSessions = 100) : sessions({maxSessions, 30min}, clock, telemetry) {}
    // The sessions that are open now.
    Ids open() {
        Ids ids;
        sessions.each([&](const Session& session) { ids.insert(session.id); });
        return ids;
    }
    TurnableClock clock;
    CountingTelemetry telemetry;
    SessionStore sessions;
};

} // namespace

TEST_CASE("a session is found by its id, with its version") {
    Fixture f;
    const std::string id = f.sessions.open("alice", "2025-06-18")->id;
    const Session* found = f.sessions.find(id, "alice");
    REQUIRE(found);
    CHECK(found->id == id);
    CHECK(found->version == "2025-06-18");
    CHECK(f.telemetry.gauges[Gauge::sessions] == 1);
}

TEST_CASE("ids are long, of visible characters, and never the same") {
    Fixture f(2000);
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(f.sessions.open("alice", "")->id);
    CHECK(ids.size() == 1000);
    for (const std::string& id : ids) {
        REQUIRE(id.size() == 32);
        REQUIRE(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                std::string::npos);
    }
}

TEST_CASE("a session of somebody else is as unknown as one that never was") {
    Fixture f;
    const std::string id = f.sessions.open("alice", "")->id;
    CHECK(f.sessions.find(id, "bob") == nullptr);
    CHECK(f.sessions.find("never-was", "alice") == nullptr);
    CHECK(f.sessions.find("", "alice") == nullptr);
    CHECK_FALSE(f.sessions.close(id, "bob"));
    CHECK(f.sessions.find(id, "alice") != nullptr);
    CHECK(f.open() == Ids{id});
}

TEST_CASE("a closed session is gone, and closed once") {
    Fixture f;
    const std::string id = f.sessions.open("alice", "")->id;
    CHECK(f.sessions.close(id, "alice"));
    CHECK_FALSE(f.sessions.close(id, "alice"));
    CHECK(f.sessions.find(id, "alice") == nullptr);
    CHECK(f.open().empty());
    CHECK(f.telemetry.gauges[Gauge::sessions] == 0);
}

TEST_CASE("a session ends when it was idle for long, by the steady clock") {
    Fixture f;
    const std::string used = f.sessions.open("alice", "")->id, idle = f.sessions.open("alice", "")->id;
    f.clock.turn(20min);
    f.sessions.find(used, "alice");
    f.sessions.find(idle, "bob"); // somebody else's look keeps nothing alive
    f.clock.turn(10min);
    f.sessions.expire();
    CHECK(f.open() == Ids{used, idle});
    f.clock.turn(1ms);
    f.sessions.expire();
    CHECK(f.open() == Ids{used});
    f.clock.jumpWall(24h);
    f.sessions.expire();
    CHECK(f.sessions.find(used, "alice") != nullptr);
}

// A client whose stream broke after half an hour found its session ended when it came back a second later.
TEST_CASE("C: a session is in use until its client leaves, not until it was last looked at") {
    struct Row {
        const char* what;
        std::function<void(StreamSite&, Session&, FakeExchange&)> leave;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"its connection is lost", [](auto&, auto&, auto&exchange) { exchange.goAway(); }},
             {"it is told to come back", [](auto&, auto&session, auto&) { session.stream(0)->release(500ms); }},
             {"its answer is sent", [](auto&, auto&session, auto&) { session.stream(0)->answer(200, "{}", ""); }}}) {
        DYNAMIC_SECTION(row.what) {
            StreamSite site;
            const auto exchange = site.exchange();
            SessionStore sessions({10, 30min}, site.thread.clock, site.telemetry);
            const auto expireAfter = [&](auto time) {
                site.thread.clock.turn(time);
                sessions.expire();
                std::set<std::string> open;
                sessions.each([&](const Session& session) { open.insert(session.id); });
                return open;
            };
            site.thread.on([&] {
                Session& session = *sessions.open("alice", "2025-11-25");
                session.general(site.place())->attach(*exchange, site.alice, 0);
                CHECK(expireAfter(31min) == std::set{session.id});
                site.thread.clock.turn(20min);
                const std::string used = sessions.open("alice", "")->id;
                site.thread.clock.turn(5min);
                row.leave(site, session, *exchange);
                REQUIRE_FALSE(session.hasClient());
                CHECK(expireAfter(30min) == std::set{session.id});
                CHECK(sessions.find(used, "alice") == nullptr);
                CHECK(expireAfter(1ms).empty());
            });
        }
    }
}

// The order by use holds, so that the longest unused goes first.
TEST_CASE("a session whose client left long ago stands behind those that were used since") {
    StreamSite site;
    const auto exchange = site.exchange();
    SessionStore sessions({3, 30min}, site.thread.clock, site.telemetry);
    site.thread.on([&] {
        Session& listened = *sessions.open("alice", "2025-11-25");
        const std::string gone = listened.id, early = sessions.open("alice", "")->id;
        listened.general(site.place())->attach(*exchange, site.alice, 0);
        site.thread.clock.turn(10min);
        exchange->goAway();
        site.thread.clock.turn(10min);
        const std::string late = sessions.open("alice", "")->id;
        site.thread.clock.turn(10min + 1ms);
        sessions.expire();
        CHECK(sessions.find(early, "alice") == nullptr);
        sessions.open("alice", "");
        sessions.open("alice", "");
        CHECK(sessions.find(late, "alice") != nullptr);
        CHECK(sessions.find(gone, "alice") == nullptr);
    });
}

TEST_CASE("at the limit the session that was longest unused goes") {
    Fixture f(3);
    const std::string a = f.sessions.open("k", "")->id, b = f.sessions.open("k", "")->id,
                      c = f.sessions.open("k", "")->id;
    f.sessions.find(a, "k");
    const std::string d = f.sessions.open("k", "")->id;
    CHECK(f.open() == Ids{a, c, d});
    for (const std::string& id : {a, c, d}) CHECK(f.sessions.find(id, "k") != nullptr);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 3);
}

TEST_CASE("an identity that is gone takes its sessions with it, and no others") {
    Fixture f;
    const std::string a = f.sessions.open("alice", "")->id, b = f.sessions.open("bob", "")->id,
                      c = f.sessions.open("alice", "")->id;
    f.sessions.closeAll("alice");
    CHECK(f.open() == Ids{b});
    CHECK(f.sessions.find(b, "bob") != nullptr);
    CHECK(f.sessions.find(a, "alice") == nullptr);
    CHECK(f.sessions.find(c, "alice") == nullptr);
    CHECK(f.telemetry.gauges[Gauge::sessions] == 1);
}

TEST_CASE("a session's streams end with it, whatever ends it") {
    struct Row {
        const char* what;
        std::function<void(SessionStore&, const std::string& id, TurnableClock&)> end;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"closed", [](auto&sessions, auto&id, auto&) { sessions.close(id, "alice"); }},
             {"its identity is gone", [](auto&sessions, auto&, auto&) { sessions.closeAll("alice"); }},
             {"pushed out", [](auto&sessions, auto&, auto&) { sessions.open("alice", ""); }}}) {
        DYNAMIC_SECTION(row.what) {
            StreamSite site;
            const auto exchange = site.exchange();
            SessionStore sessions({1, 30min}, site.thread.clock, site.telemetry);
            site.thread.on([&] {
                Session& session = *sessions.open("alice", "2025-11-25");
                session.general(site.place())->attach(*exchange, site.alice, 0);
                row.end(sessions, session.id, site.thread.clock);
            });
            CHECK(exchange->finished);
            CHECK(site.open() == 0);
        }
    }
}

TEST_CASE("a session that nobody ended ends its streams when it is destroyed") {
    StreamSite site;
    const auto exchange = site.exchange();
    site.thread.on([&] {
        SessionStore sessions({1, 30min}, site.thread.clock, site.telemetry);
        sessions.open("alice", "2025-11-25")->general(site.place())->attach(*exchange, site.alice, 0);
    });
    CHECK(exchange->finished);
}

// 10,000 initialize of one caller threw out everybody's sessions.
TEST_CASE("C: at the limit of one identity its own longest unused session ends, and no other's") {
    TurnableClock clock;
    CountingTelemetry telemetry;
    SessionStore sessions({10, 30min, 3}, clock, telemetry);
    const std::string bobs = sessions.open("bob", "")->id;
    std::vector<std::string> alices;
    for (int i = 0; i < 5; ++i) alices.push_back(sessions.open("alice", "")->id);
    CHECK(sessions.find(bobs, "bob"));
    CHECK_FALSE(sessions.find(alices[1], "alice"));
    for (int i = 2; i < 5; ++i) CHECK(sessions.find(alices[static_cast<std::size_t>(i)], "alice"));
    CHECK(telemetry.budgets["sessions"] == 4);
}

TEST_CASE("C: where others hold every session there is none for a newcomer") {
    TurnableClock clock;
    CountingTelemetry telemetry;
    SessionStore sessions({2, 30min, 2}, clock, telemetry);
    const std::string first = sessions.open("alice", "")->id, second = sessions.open("alice", "")->id;
    CHECK(sessions.open("bob", "") == nullptr);
    CHECK(sessions.find(first, "alice"));
    CHECK(sessions.close(second, "alice"));
    CHECK(sessions.open("bob", "") != nullptr);
}
