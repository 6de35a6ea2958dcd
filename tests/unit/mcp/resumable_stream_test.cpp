#include "mcp/transport/resumable_stream.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "support/stream_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

std::string event(const std::string& id, const std::string& json) {
    return "id: " + id + "\nevent: message\ndata: " + json + "\n\n";
}
const std::string opened = ": open\n\n";
const std::string prime = "id: 5-0\ndata: \n\n";
const GateRefusal tokenEnded{401,          "WWW-Authenticate: Bearer\r\n", "token ended", "rejected", Outcome::rejected,
                             "token_ended"};

// Stream number 5, which answers the POST.
struct Fixture {
    explicit Fixture(bool primes = true, AnswerKind kind = {false, true}) {
        on([&] {
            stream = std::make_shared<ResumableStream>(site.deps(), 5, primes, "alice");
            stream->answerTo(*post, kind, site.alice);
        });
    }
    ~Fixture() {
        on([this] { stream.reset(); });
    }
    template <class Work>
    void on(const Work& work) {
        site.thread.on(work);
    }
    void attach(FakeExchange& to, std::uint64_t after) {
        on([&] { stream->attach(to, site.alice, after); });
    }
    StreamSite site;
    std::shared_ptr<FakeExchange> post = site.exchange(), get = site.exchange(), another = site.exchange();
    std::shared_ptr<ResumableStream> stream;
};

} // namespace

TEST_CASE("an event id is a stream and a sequence, and nothing else") {
    const auto id = EventId::parse("12-345");
    REQUIRE(id);
    CHECK(id->stream == 12);
    CHECK(id->sequence == 345);
    CHECK(EventId::parse("0-0"));
    for (const char* bad : {"", "-", "1", "1-", "-1", "1-2-3", "1 -2", "1-+2", "1--2", "a-1", "1-b", " 1-2",
                            "99999999999999999999-1", "1-99999999999999999999"})
        CHECK_FALSE(EventId::parse(bad));
}

TEST_CASE("an answer before any message is plain, and leaves nothing to resume") {
    Fixture f;
    f.on([&] { f.stream->answer(200, R"({"a":1})", "X: y\r\n"); });
    CHECK(f.post->contentType == "application/json");
    CHECK(f.post->answer == R"({"a":1})");
    CHECK(f.post->headers == "X: y\r\n");
    CHECK_FALSE(f.post->isWatched());
    CHECK(f.stream->finished());
    CHECK_FALSE(f.stream->hasEvents());
}

TEST_CASE("a client that takes streams only gets its answer as an event with an id") {
    Fixture f(false, {true, false}), refused(false, {true, false});
    f.on([&] { f.stream->answer(200, "{}", ""); });
    CHECK(f.post->answer == opened + event("5-1", "{}"));
    CHECK(f.post->finished);
    refused.on([&] { refused.stream->answer(503, "{}", "Retry-After: 1\r\n"); });
    CHECK(refused.post->status == 503);
    CHECK_FALSE(refused.post->streaming);
}

TEST_CASE("messages and answer are events with growing ids, after one without data for clients that know it") {
    for (const bool primes : {true, false}) {
        DYNAMIC_SECTION((primes ? "2025-11-25" : "before")) {
            Fixture f(primes);
            f.on([&] {
                f.stream->message(R"({"n":1})");
                f.stream->message(R"({"n":2})");
                f.stream->answer(503, R"({"n":3})", "Retry-After: 1\r\n");
            });
            CHECK(f.post->status == 200);
            CHECK(f.post->answer == opened + (primes ? prime : "") + event("5-1", R"({"n":1})") +
                                        event("5-2", R"({"n":2})") + event("5-3", R"({"n":3})"));
            CHECK(f.post->finished);
            CHECK(f.stream->finished());
            CHECK(f.stream->hasEvents());
        }
    }
}

TEST_CASE("a client that lost its connection gets what came after its last event, and the rest") {
    Fixture f;
    f.on([&] {
        f.stream->message("1");
        f.stream->message("2");
        f.post->goAway();
        f.stream->message("3");
    });
    CHECK(f.post->aborted);
    CHECK_FALSE(f.stream->finished());
    f.attach(*f.get, 1);
    CHECK(f.get->answer == opened + event("5-2", "2") + event("5-3", "3"));
    f.on([&] { f.stream->answer(200, "4", ""); });
    CHECK(f.get->answer == opened + event("5-2", "2") + event("5-3", "3") + event("5-4", "4"));
    CHECK(f.get->finished);
}

TEST_CASE("an answer that came while nobody listened waits, and can be fetched more than once") {
    Fixture f;
    f.on([&] {
        f.stream->message("1");
        f.post->goAway();
        f.stream->answer(200, "2", "");
    });
    CHECK(f.stream->finished());
    f.attach(*f.get, 1);
    CHECK(f.get->answer == opened + event("5-2", "2"));
    CHECK(f.get->finished);
    f.attach(*f.another, 0);
    CHECK(f.another->answer == opened + event("5-1", "1") + event("5-2", "2"));
    CHECK(f.another->finished);
}

TEST_CASE("a client that goes before anything was sent loses nothing either") {
    Fixture f;
    f.on([&] { f.post->goAway(); });
    CHECK(f.post->aborted);
    f.on([&] { f.stream->answer(200, "1", ""); });
    f.attach(*f.get, 0);
    CHECK(f.get->answer == opened + event("5-1", "1"));
}

TEST_CASE("a newer connection takes the stream over from an older one") {
    Fixture f;
    f.on([&] { f.stream->message("1"); });
    f.attach(*f.get, 1);
    CHECK(f.post->finished);
    f.attach(*f.another, 1);
    CHECK(f.get->finished);
    f.on([&] { f.stream->message("2"); });
    CHECK(f.get->answer == opened);
    CHECK(f.another->answer == opened + event("5-2", "2"));
    f.on([&] { f.get->goAway(); }); // long finished
    f.on([&] { f.stream->message("3"); });
    CHECK(f.another->answer == opened + event("5-2", "2") + event("5-3", "3"));
}

TEST_CASE("a connection that took over a stream ends also when its POST was answered plainly") {
    Fixture f;
    f.attach(*f.get, 0);
    f.on([&] { f.stream->answer(200, "{}", ""); });
    CHECK(f.post->answer == "{}");
    CHECK(f.get->finished);
    CHECK(f.stream->finished());
}

TEST_CASE("a GET that took over a stream keeps it when the POST's answer begins: the POST ends empty") {
    Fixture f;
    f.attach(*f.get, 0);
    f.on([&] { f.stream->message("1"); });
    CHECK(f.post->streaming);
    CHECK(f.post->finished);
    CHECK(f.post->answer.empty());
    CHECK(f.get->answer == opened + event("5-1", "1"));
    f.on([&] { f.stream->answer(200, "2", ""); });
    CHECK(f.get->finished);
    CHECK(f.stream->finished());
    CHECK(f.site.open() == 0);
}

TEST_CASE("the oldest events go when more is kept than allowed, the newest stays whatever its size") {
    Fixture f;
    const std::string large(ResumableStream::maxKeptBytes / 2, 'x');
    f.on([&] {
        for (int i = 0; i < 3; ++i) f.stream->message(large);
    });
    f.attach(*f.get, 0);
    CHECK(f.get->answer == opened + event("5-3", large));
    const std::string huge(ResumableStream::maxKeptBytes * 2, 'y');
    f.on([&] { f.stream->message(huge); });
    f.attach(*f.another, 0);
    CHECK(f.another->answer == opened + event("5-4", huge));
}

TEST_CASE("a connection that is let go is told when to come back, where the client knows that") {
    Fixture polls, before(false), done;
    polls.on([&] { polls.stream->release(1500ms); });
    CHECK(polls.post->answer == opened + prime + "retry: 1500\n\n");
    CHECK(polls.post->finished);
    polls.on([&] { polls.stream->answer(200, "1", ""); });
    polls.attach(*polls.get, 0);
    CHECK(polls.get->answer == opened + event("5-1", "1"));

    before.on([&] { before.stream->release(1500ms); });
    CHECK_FALSE(before.post->streaming);
    done.on([&] {
        done.stream->answer(200, "{}", "");
        done.stream->release(1500ms);
    });
    CHECK(done.post->answer == "{}");
}

TEST_CASE("an answer that takes a while is announced by an id, where the client knows that") {
    Fixture polls, before(false), jsonOnly(true, {false, false});
    polls.on([&] {
        polls.stream->announce();
        polls.stream->announce();
    });
    CHECK(polls.post->answer == opened + prime);
    before.on([&] { before.stream->announce(); });
    CHECK_FALSE(before.post->streaming);
    jsonOnly.on([&] { jsonOnly.stream->announce(); });
    CHECK_FALSE(jsonOnly.post->streaming);
}

TEST_CASE("a client that takes no stream gets no messages") {
    Fixture f(true, {false, false});
    CHECK_FALSE(f.stream->acceptsMessages());
    f.on([&] { f.stream->message("1"); });
    CHECK_FALSE(f.post->streaming);
    CHECK_FALSE(f.stream->hasEvents());
}

TEST_CASE("closing the stream while its POST waits answers it") {
    Fixture f;
    f.on([&] { f.stream->close(); });
    CHECK(f.post->status == 404);
    CHECK(f.post->answers == 1);
    CHECK_FALSE(f.post->isWatched());
    CHECK(f.stream->finished());
    f.on([&] {
        f.stream->message("late");
        f.stream->answer(200, "late", "");
        f.stream->end(nullptr);
    });
    CHECK(f.post->answer.find("ended session") != std::string::npos);
}

TEST_CASE("a stream that is destroyed while its POST waits answers it") {
    Fixture f;
    f.on([&] { f.stream.reset(); });
    CHECK(f.post->status == 404);
    CHECK_FALSE(f.post->isWatched());
}

TEST_CASE("an end without answer tells why, unless the stream has begun") {
    Fixture waits, streams;
    waits.on([&] { waits.stream->end(&tokenEnded); });
    CHECK(waits.post->status == 401);
    CHECK(waits.post->headers == tokenEnded.headers);
    streams.on([&] {
        streams.stream->message("1");
        streams.stream->end(&tokenEnded);
    });
    CHECK(streams.post->answer == opened + prime + event("5-1", "1"));
    CHECK(streams.post->finished);
}

TEST_CASE("a connection ends with the token that opened it, the stream goes on") {
    Fixture f;
    f.on([&] { f.stream->message("1"); });
    f.site.revoke("alice");
    CHECK(f.post->finished);
    f.on([&] { f.stream->message("2"); });
    f.attach(*f.get, 1);
    CHECK(f.get->answer == opened + event("5-2", "2"));
}

TEST_CASE("the end of its session before the answer is told once; a lost connection, an answer or an end are not") {
    struct Row {
        const char* what;
        std::function<void(Fixture&)> before;
        int told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"nothing", [](Fixture&) {}, 1},
             {"a lost connection", [](Fixture& f) { f.post->goAway(); }, 1},
             {"a plain answer", [](Fixture& f) { f.stream->answer(200, "1", ""); }, 0},
             {"an answer as an event", [](Fixture& f) { f.stream->message("1"), f.stream->answer(200, "2", ""); }, 0},
             {"an end", [](Fixture& f) { f.stream->end(nullptr); }, 0}}) {
        DYNAMIC_SECTION(row.what) {
            Fixture f;
            int told = 0;
            f.on([&] {
                f.stream->whenGone([&] { ++told; });
                row.before(f);
            });
            CHECK(told == 0);
            f.on([&] {
                f.stream->close();
                f.stream->close();
            });
            CHECK(told == row.told);
        }
    }
}
