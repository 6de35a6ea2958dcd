#include "admin/page_sessions.hpp"

#include <catch2/catch.hpp>

#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("a session is found by its text, and lives by its use, but not for ever") {
    TurnableClock clock;
    PageSessions sessions(clock);
    const Sha256 digest = sha256(sessions.open("alice", "Alice"));
    CHECK(sessions.find(digest)->owner == "alice");
    CHECK_FALSE(sessions.find(sha256("nobody")));
    for (int i = 0; i < 4; ++i) {
        clock.turn(PageSessions::idle - 1s);
        CHECK(sessions.find(digest).has_value() == (i < 3)); // a day is over
    }
    const Sha256 idle = sha256(sessions.open("", "host"));
    clock.turn(PageSessions::idle);
    CHECK_FALSE(sessions.find(idle));
}

TEST_CASE("two sessions share neither text, id nor proof") {
    TurnableClock clock;
    PageSessions sessions(clock);
    const std::string a = sessions.open("x", "x"), b = sessions.open("x", "x");
    const auto first = sessions.find(sha256(a)), second = sessions.find(sha256(b));
    CHECK(a != b);
    CHECK(first->id != second->id);
    CHECK(first->csrf != second->csrf);
    sessions.end(first->id);
    CHECK_FALSE(sessions.find(sha256(a)));
    CHECK(sessions.find(sha256(b)));
}

TEST_CASE("at the most the one that was used longest ago ends") {
    TurnableClock clock;
    PageSessions sessions(clock);
    const std::string oldest = sessions.open("", ""), used = sessions.open("", "");
    for (std::size_t i = 2; i < PageSessions::most; ++i) sessions.open("", "");
    clock.turn(1s);
    CHECK(sessions.find(sha256(used)));
    for (int i = 0; i < 2; ++i) CHECK(sessions.find(sha256(sessions.open("", ""))));
    CHECK(sessions.find(sha256(used)));
}

TEST_CASE("the cookie is no script's, and goes nowhere else") {
    CHECK(sessionCookieField("n", "text", false) == "Set-Cookie: n=text; Path=/; HttpOnly; SameSite=Strict\r\n");
    CHECK(sessionCookieField("n", "", true) ==
          "Set-Cookie: n=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0\r\n");
}
