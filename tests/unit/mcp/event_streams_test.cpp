#include "mcp/event_streams.hpp"

#include <catch2/catch.hpp>

#include "support/fake_exchange.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

// The loop's thread does everything; the test looks when it stands still.
struct Fixture {
    Fixture() : live(10, thread.clock, observer, [](const std::string&) {}) {
        thread.on([this] { streams = std::make_unique<EventStreams>(thread.loop); });
    }
    ~Fixture() {
        thread.on([this] { streams.reset(); });
        thread.stop();
    }
    void open(FakeExchange& exchange, const std::string& token, const std::string& session) {
        thread.on([&] { streams->open(exchange, live, callerNamed(token, thread.clock.wall() + 1h), session); });
    }
    std::size_t size() {
        return thread.on([this] { return streams->size(); });
    }
    LoopThread thread;
    CountingObserver observer;
    LiveIdentities live;
    FakeExchange a{thread.loop, "GET / HTTP/1.1\r\nHost: a"}, b{thread.loop, "GET / HTTP/1.1\r\nHost: a"};
    std::unique_ptr<EventStreams> streams;
};

} // namespace

TEST_CASE("a stream is opened and kept open with a comment now and then") {
    Fixture f;
    f.open(f.a, "alice", "s1");
    CHECK(f.a.contentType == "text/event-stream");
    CHECK(f.a.answer == ": open\n\n");
    f.thread.turn(24s);
    CHECK(f.a.answer == ": open\n\n");
    f.thread.turn(2s);
    CHECK(f.a.answer == ": open\n\n: keep-alive\n\n");
    f.thread.turn(26s);
    CHECK(f.a.answer == ": open\n\n: keep-alive\n\n: keep-alive\n\n");
    CHECK_FALSE(f.a.finished);
}

TEST_CASE("a stream ends with its token, and no other does") {
    Fixture f;
    f.open(f.a, "alice", "s1");
    f.open(f.b, "bob", "s2");
    f.thread.on([&] { f.live.revoke([](const Caller& caller) { return caller.identity.subject == "alice"; }); });
    CHECK(f.a.finished);
    CHECK_FALSE(f.a.isWatched());
    CHECK_FALSE(f.b.finished);
    CHECK(f.size() == 1);
}

TEST_CASE("a stream ends when its token expires") {
    Fixture f;
    f.open(f.a, "alice", "s1");
    f.thread.turn(1h);
    f.thread.on([&] { f.live.expire(); });
    CHECK(f.a.finished);
}

TEST_CASE("all streams of a session end with it") {
    Fixture f;
    FakeExchange c{f.thread.loop, "GET / HTTP/1.1\r\nHost: a"};
    f.open(f.a, "alice", "s1");
    f.open(f.b, "alice", "s2");
    f.open(c, "alice", "s1");
    f.thread.on([&] { f.streams->endSession("s1"); });
    CHECK((f.a.finished && c.finished));
    CHECK_FALSE(f.b.finished);
    CHECK(f.size() == 1);
}

TEST_CASE("all streams end when the server stops") {
    Fixture f;
    f.open(f.a, "alice", "s1");
    f.open(f.b, "bob", "");
    f.thread.on([&] { f.streams->endAll(); });
    CHECK((f.a.finished && f.b.finished));
    CHECK(f.size() == 0);
}

TEST_CASE("a stream whose client goes is forgotten and its connection closed") {
    Fixture f;
    f.open(f.a, "alice", "s1");
    f.thread.on([&] { f.a.goAway(); });
    CHECK(f.a.aborted);
    CHECK(f.size() == 0);
    f.thread.on([&] { f.live.revoke([](const Caller&) { return true; }); }); // nothing hangs on it any more
    f.thread.turn(26s);
    CHECK(f.thread.faults().empty());
}
