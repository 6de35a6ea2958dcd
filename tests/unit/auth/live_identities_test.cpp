#include "auth/live_identities.hpp"

#include <optional>

#include <catch2/catch.hpp>

#include "support/counting_telemetry.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    explicit Fixture(std::size_t maxTokens = 100)
        : live(maxTokens, clock, telemetry, [this](const std::string& key) { gone.push_back(key); }) {}
    // A caller with a token of its own, under an isolation key that others may share.
    CallerPtr caller(const std::string& token, const std::string& key, std::chrono::seconds lives = 1h) {
        auto out = std::make_shared<Caller>(*callerNamed(token, clock.wall() + lives));
        out->identity.isolationKey = key;
        return out;
    }
    TurnableClock clock;
    CountingTelemetry telemetry;
    std::vector<std::string> gone;
    LiveIdentities live;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a token that expires ends what hangs on it, by the wall clock") {
    Fixture f;
    const CallerPtr alice = f.caller("t1", "alice", 10s);
    int ended = 0;
    const TokenHold first = f.live.hold(alice, [&] { ++ended; }), second = f.live.hold(alice, [&] { ++ended; });
    f.clock.jumpWall(9'999ms);
    f.live.expire();
    CHECK(ended == 0);
    f.clock.jumpWall(1ms);
    f.live.expire();
    CHECK(ended == 2);
    CHECK(f.gone == Names{"alice"});
    CHECK(f.live.size() == 0);
    f.live.expire();
    CHECK(ended == 2);
}

TEST_CASE("a token that never expires does not") {
    Fixture f;
    f.live.seen(callerNamed("t1"));
    f.clock.turn(24h * 365 * 100);
    f.live.expire();
    CHECK(f.live.size() == 1);
}

TEST_CASE("an identity is gone with the last of its tokens, not before") {
    Fixture f;
    f.live.seen(f.caller("t1", "alice", 10s));
    f.live.seen(f.caller("t2", "alice", 20s));
    f.live.seen(f.caller("t3", "bob", 30s));
    f.clock.turn(10s);
    f.live.expire();
    CHECK(f.gone.empty());
    f.clock.turn(10s);
    f.live.expire();
    CHECK(f.gone == Names{"alice"});
    CHECK(f.live.size() == 1);
}

TEST_CASE("revoking ends exactly the tokens that are named") {
    Fixture f;
    int aliceEnded = 0, bobEnded = 0;
    const TokenHold one = f.live.hold(f.caller("t1", "alice"), [&] { ++aliceEnded; });
    const TokenHold two = f.live.hold(f.caller("t2", "bob"), [&] { ++bobEnded; });
    f.live.revoke([](const Caller& caller) { return caller.identity.tokenId == "t1"; });
    CHECK(aliceEnded == 1);
    CHECK(bobEnded == 0);
    CHECK(f.gone == Names{"alice"});
}

TEST_CASE("what was let go is not told") {
    Fixture f;
    const CallerPtr alice = f.caller("t1", "alice");
    int ended = 0;
    {
        const TokenHold scoped = f.live.hold(alice, [&] { ++ended; });
    }
    TokenHold released = f.live.hold(alice, [&] { ++ended; });
    released.release();
    released.release();
    TokenHold moved = f.live.hold(alice, [&] { ++ended; });
    TokenHold kept = std::move(moved);
    moved.release(); // NOLINT(bugprone-use-after-move): an empty hold holds nothing
    f.live.revoke([](const Caller&) { return true; });
    CHECK(ended == 1);
    CHECK(f.live.size() == 0);
}

TEST_CASE("what is ended may let go of itself and of others meanwhile") {
    Fixture f;
    const CallerPtr alice = f.caller("t1", "alice"), bob = f.caller("t2", "bob");
    std::optional<TokenHold> first, second;
    int ended = 0;
    first.emplace(f.live.hold(alice, [&] {
        ++ended;
        first.reset();
        second.reset();
    }));
    second.emplace(f.live.hold(bob, [&] { ++ended; }));
    f.live.revoke([](const Caller& caller) { return caller.identity.isolationKey == "alice"; });
    CHECK(ended == 1);
    f.live.revoke([](const Caller&) { return true; });
    CHECK(ended == 1);
}

TEST_CASE("a refreshed expiry counts from now on") {
    Fixture f;
    f.live.seen(f.caller("t1", "alice", 10s));
    f.live.seen(f.caller("t1", "alice", 100s));
    f.clock.turn(50s);
    f.live.expire();
    CHECK(f.live.size() == 1);
    f.clock.turn(50s);
    f.live.expire();
    CHECK(f.live.size() == 0);
    CHECK(f.gone == Names{"alice"});
}

// A validator may judge one token differently by address: the same token, another isolation key.
TEST_CASE("a token that comes to stand for another identity lets the first one go") {
    Fixture f;
    f.live.seen(f.caller("t1", "alice", 10s));
    f.live.seen(f.caller("t1", "bob", 20s));
    f.clock.turn(1h);
    f.live.expire();
    CHECK(std::count(f.gone.begin(), f.gone.end(), "alice") == 1);
    CHECK(std::count(f.gone.begin(), f.gone.end(), "bob") == 1);
}

TEST_CASE("revoking an identity ends what it opened, also when its token stood for another one before") {
    Fixture f;
    f.live.seen(f.caller("t1", "alice"));
    int ended = 0;
    const TokenHold bobs = f.live.hold(f.caller("t1", "bob"), [&] { ++ended; });
    f.live.revoke([](const Caller& caller) { return caller.identity.isolationKey == "bob"; });
    CHECK(ended == 1);
}

TEST_CASE("at the limit the oldest token with nothing hanging on it is forgotten") {
    Fixture f(3);
    int ended = 0;
    const TokenHold held = f.live.hold(f.caller("t1", "k1"), [&] { ++ended; });
    f.live.seen(f.caller("t2", "k2"));
    f.live.seen(f.caller("t3", "k3"));
    f.live.seen(f.caller("t4", "k4"));
    CHECK(f.live.size() == 3);
    CHECK(ended == 0);
    CHECK(f.gone == Names{"k2"});
}

TEST_CASE("live identities are counted") {
    Fixture f;
    f.live.seen(f.caller("t1", "k1"));
    f.live.seen(f.caller("t1", "k1"));
    f.live.seen(f.caller("t2", "k1"));
    CHECK(f.telemetry.gauges[Gauge::liveIdentities] == 2);
    f.live.revoke([](const Caller&) { return true; });
    CHECK(f.telemetry.gauges[Gauge::liveIdentities] == 0);
}

TEST_CASE("what changes of a token ends it at once, or at its new end, and no other") {
    Fixture f;
    int shortened = 0, ended = 0, other = 0;
    const TokenHold a = f.live.hold(f.caller("t1", "one"), [&] { ++shortened; }),
                    b = f.live.hold(f.caller("t2", "two"), [&] { ++ended; }),
                    c = f.live.hold(f.caller("t3", "three"), [&] { ++other; });
    f.live.review([](const Caller& caller) { return caller.identity.isolationKey != "three"; },
                  [&](const Caller& caller) {
                      const bool stands = caller.identity.isolationKey == "one";
                      return stands ? std::optional(f.clock.wall() + 5s) : std::nullopt;
                  });
    CHECK((shortened == 0 && ended == 1 && other == 0));
    CHECK(f.gone == Names{"two"});
    f.clock.turn(5s);
    f.live.expire();
    CHECK((shortened == 1 && other == 0));
    f.clock.turn(1h);
    f.live.expire();
    CHECK(other == 1);
}
