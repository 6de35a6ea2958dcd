#include "mcp/transport/response_writer.hpp"

#include <catch2/catch.hpp>

#include "support/fake_exchange.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

constexpr AnswerKind jsonOnly{false, false}, streamOnly{true, false}, either{false, true};

struct Fixture {
    explicit Fixture(AnswerKind kind) : writer(std::make_shared<HttpResponseWriter>(exchange, kind)) {}
    LoopThread thread;
    FakeExchange exchange{thread.loop, "POST / HTTP/1.1\r\nHost: a"};
    std::shared_ptr<HttpResponseWriter> writer;
};

const GateRefusal ended{401,          "WWW-Authenticate: Bearer\r\n", "token ended", "rejected", Outcome::rejected,
                        "token_ended"};

} // namespace

TEST_CASE("an answer goes out as JSON, or as one event for a client that takes streams only") {
    Fixture json(either), stream(streamOnly);
    json.writer->answer(200, R"({"a":1})", "X: y\r\n");
    CHECK(json.exchange.contentType == "application/json");
    CHECK(json.exchange.answer == R"({"a":1})");
    CHECK(json.exchange.headers == "X: y\r\n");
    stream.writer->answer(200, R"({"a":1})", "X: y\r\n");
    CHECK(stream.exchange.contentType == "text/event-stream");
    CHECK(stream.exchange.answer == "event: message\ndata: {\"a\":1}\n\n");
    CHECK(stream.exchange.finished);
    CHECK(stream.exchange.headers.find("Cache-Control: no-cache\r\n") != std::string::npos);
    CHECK(stream.exchange.headers.find("X: y\r\n") != std::string::npos);
}

TEST_CASE("an answer with a status of its own is never a stream") {
    Fixture f(streamOnly);
    f.writer->answer(404, "{}", "");
    CHECK(f.exchange.status == 404);
    CHECK_FALSE(f.exchange.streaming);
}

TEST_CASE("a message opens the stream once, for clients that take one") {
    Fixture f(either), none(jsonOnly);
    CHECK(f.writer->acceptsMessages());
    f.writer->message("{}");
    f.writer->message("{}");
    CHECK(f.exchange.streaming);
    CHECK(f.exchange.answer == "event: message\ndata: {}\n\nevent: message\ndata: {}\n\n");
    CHECK_FALSE(none.writer->acceptsMessages());
    none.writer->message("{}");
    CHECK_FALSE(none.exchange.streaming);
    none.writer->answer(200, "{}", "");
    CHECK(none.exchange.answer == "{}");
}

TEST_CASE("after its stream has begun, an answer of any status is the last event") {
    for (const int status : {200, 503}) {
        DYNAMIC_SECTION(status) {
            Fixture f(either);
            f.writer->message("{}");
            f.writer->answer(status, R"({"last":1})", "Retry-After: 1\r\n");
            CHECK(f.exchange.status == 200);
            CHECK(f.exchange.headers.find("Retry-After") == std::string::npos);
            CHECK(f.exchange.answer == "event: message\ndata: {}\n\nevent: message\ndata: {\"last\":1}\n\n");
            CHECK(f.exchange.finished);
        }
    }
}

TEST_CASE("an end without an answer is a status, or the end of the stream") {
    struct Row {
        const char* what;
        bool streamed;
        const GateRefusal* why;
        int status;
        const char* contains;
    };
    for (const Row& row : std::initializer_list<Row>{{"not wanted any more", false, nullptr, 202, ""},
                                                     {"the token has ended", false, &ended, 401, "token ended"},
                                                     {"not expected, in a stream", true, nullptr, 200, "data: {}"},
                                                     {"the token's end, in a stream", true, &ended, 200, "data: {}"}}) {
        DYNAMIC_SECTION(row.what) {
            Fixture f(either);
            if (row.streamed) f.writer->message("{}");
            f.writer->end(row.why);
            CHECK(f.exchange.status == row.status);
            CHECK(f.exchange.answer.find(row.contains) != std::string::npos);
            CHECK(f.exchange.finished == row.streamed);
            CHECK(f.exchange.answers == 1);
            CHECK((f.exchange.headers.find("WWW-Authenticate") != std::string::npos) == (row.status == 401));
        }
    }
}

TEST_CASE("a peer that has gone is told of once, and nothing is sent to it") {
    Fixture f(either);
    int told = 0;
    f.writer->whenGone([&] { ++told; });
    f.exchange.goAway();
    CHECK(told == 1);
    CHECK(f.exchange.aborted);
    f.writer->message("{}");
    f.writer->answer(200, "{}", "");
    f.writer->end(nullptr);
    f.writer->whenGone([&] { ++told; });
    CHECK(f.exchange.answers == 0);
    CHECK_FALSE(f.exchange.streaming);
    CHECK(told == 1);
}

TEST_CASE("a writer may be destroyed by what is told that the peer has gone") {
    Fixture f(either);
    f.writer->whenGone([&] { f.writer.reset(); });
    f.exchange.goAway();
    CHECK(f.exchange.aborted);
    CHECK(f.writer == nullptr);
}

TEST_CASE("a writer that was answered, ended or destroyed no longer watches its peer") {
    struct Row {
        const char* what;
        std::function<void(Fixture&)> end;
    };
    for (const Row& row : std::initializer_list<Row>{{"answered", [](Fixture& f) { f.writer->answer(200, "{}", ""); }},
                                                     {"ended", [](Fixture& f) { f.writer->end(nullptr); }},
                                                     {"destroyed", [](Fixture& f) { f.writer.reset(); }}}) {
        DYNAMIC_SECTION(row.what) {
            Fixture f(either);
            f.writer->whenGone([] { FAIL("told of a peer that nobody waits for"); });
            row.end(f);
            CHECK_FALSE(f.exchange.isWatched());
            f.exchange.goAway();
        }
    }
}

TEST_CASE("what is kept goes on where the writer was, and the writer is empty") {
    Fixture f(either);
    f.writer->message("{}");
    const auto kept = f.writer->keep();
    f.writer->answer(200, R"({"twice":1})", "");
    f.writer.reset();
    CHECK_FALSE(f.exchange.isOver());
    kept->answer(500, R"({"once":1})", "");
    CHECK(f.exchange.answer == "event: message\ndata: {}\n\nevent: message\ndata: {\"once\":1}\n\n");
}

TEST_CASE("only the first answer goes out") {
    Fixture f(either);
    f.writer->answer(200, R"({"first":1})", "");
    f.writer->answer(200, R"({"second":1})", "");
    f.writer->end(&ended);
    CHECK(f.exchange.answer == R"({"first":1})");
    CHECK(f.exchange.answers == 1);
}
