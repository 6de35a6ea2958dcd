#include "mcp/transport/event_streams.hpp"

#include <catch2/catch.hpp>

#include "support/stream_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Ended = EventStreams::Ended;

// The loop's thread does everything; the test looks when it stands still.
struct Fixture : StreamSite {
    EventStreams::Id open(FakeExchange& exchange, const std::string& token, bool lasting = true) {
        return thread.on([&] {
            const auto opened = streams->newId();
            streams->open(opened, exchange, live, callerNamed(token, thread.clock.wall() + 1h), lasting,
                          [this](EventStreams::Id id, Ended why) {
                              ends.emplace_back(id, why);
                              if (!lastWords.empty()) streams->send(id, lastWords);
                          });
            return opened;
        });
    }
    std::size_t size() { return StreamSite::open(); }
    FakeExchange a{thread.loop, "GET / HTTP/1.1\r\nHost: a"}, b{thread.loop, "GET / HTTP/1.1\r\nHost: a"};
    std::vector<std::pair<EventStreams::Id, Ended>> ends;
    std::string lastWords;
};

} // namespace

TEST_CASE("a stream is opened and kept open with a comment now and then") {
    Fixture f;
    f.open(f.a, "alice");
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

TEST_CASE("what is sent goes to the stream of that id alone") {
    Fixture f;
    const auto a = f.open(f.a, "alice"), b = f.open(f.b, "alice");
    CHECK(a != 0);
    CHECK(a != b);
    f.thread.on([&] {
        f.streams->send(b, "for b");
        f.streams->send(0, "for nobody");
        f.streams->send(b + 1, "for nobody");
    });
    CHECK(f.a.answer == ": open\n\n");
    CHECK(f.b.answer == ": open\n\nfor b");
}

TEST_CASE("a stream ends with its token, and no other does") {
    Fixture f;
    const auto a = f.open(f.a, "alice");
    f.open(f.b, "bob");
    f.lastWords = "bye";
    f.revoke("alice");
    CHECK(f.a.finished);
    CHECK(f.a.answer == ": open\n\nbye");
    CHECK_FALSE(f.a.isWatched());
    CHECK_FALSE(f.b.finished);
    CHECK(f.size() == 1);
    CHECK(f.ends == std::vector<std::pair<EventStreams::Id, Ended>>{{a, Ended::byToken}});
}

TEST_CASE("a stream ends when its token expires") {
    Fixture f;
    f.open(f.a, "alice");
    f.thread.turn(1h);
    f.thread.on([&] { f.live.expire(); });
    CHECK(f.a.finished);
}

TEST_CASE("a stream that its owner ends is finished, and its owner not told") {
    Fixture f;
    const auto a = f.open(f.a, "alice");
    f.thread.on([&] {
        f.streams->end(a);
        f.streams->end(a);
        f.streams->send(a, "late");
    });
    CHECK(f.a.finished);
    CHECK(f.a.answer == ": open\n\n");
    CHECK_FALSE(f.a.isWatched());
    CHECK(f.ends.empty());
    f.revoke("alice"); // nothing hangs on it any more
    CHECK(f.thread.faults().empty());
}

TEST_CASE("all lasting streams end when the server stops, calls under way may end by themselves") {
    Fixture f;
    const auto a = f.open(f.a, "alice");
    f.open(f.b, "bob", false);
    f.lastWords = "bye";
    f.thread.on([&] { f.streams->endAll(); });
    CHECK(f.a.finished);
    CHECK(f.a.answer == ": open\n\nbye");
    CHECK_FALSE(f.b.finished);
    CHECK(f.size() == 1);
    CHECK(f.ends == std::vector<std::pair<EventStreams::Id, Ended>>{{a, Ended::byServer}});
}

TEST_CASE("a stream whose client goes is forgotten and its connection closed") {
    Fixture f;
    const auto a = f.open(f.a, "alice");
    f.lastWords = "bye"; // to nobody
    f.thread.on([&] { f.a.goAway(); });
    CHECK(f.a.aborted);
    CHECK(f.a.answer == ": open\n\n");
    CHECK(f.size() == 0);
    CHECK(f.ends == std::vector<std::pair<EventStreams::Id, Ended>>{{a, Ended::byClient}});
    f.thread.on([&] { f.live.revoke([](const Caller&) { return true; }); }); // nothing hangs on it any more
    f.thread.turn(26s);
    CHECK(f.thread.faults().empty());
}

TEST_CASE("a stream without somebody to tell ends the same ways") {
    Fixture f;
    f.thread.on([&] {
        f.streams->open(f.streams->newId(), f.a, f.live, f.alice, true, nullptr);
        f.streams->open(f.streams->newId(), f.b, f.live, f.alice, true, nullptr);
        f.a.goAway();
    });
    f.revoke("alice");
    CHECK(f.a.aborted);
    CHECK(f.b.finished);
    CHECK(f.thread.faults().empty());
}
