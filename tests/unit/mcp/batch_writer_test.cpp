#include "mcp/transport/batch_writer.hpp"

#include <catch2/catch.hpp>

#include "support/fake_exchange.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

struct Fixture {
    explicit Fixture(AnswerKind kind = {false, true}) : batch(std::make_shared<Batch>(exchange, kind)) {}
    LoopThread thread;
    FakeExchange exchange{thread.loop, "POST / HTTP/1.1\r\nHost: a"};
    std::shared_ptr<Batch> batch;
};

} // namespace

TEST_CASE("the answers of a batch go out together, in the order in which they were given") {
    Fixture f;
    BatchResponseWriter first(f.batch), second(f.batch);
    second.answer(200, R"({"id":2})", "");
    first.answer(404, R"({"id":1})", "X: y\r\n");
    CHECK_FALSE(f.exchange.isOver());
    f.batch->complete();
    CHECK(f.exchange.status == 200);
    CHECK(f.exchange.answer == R"([{"id":2},{"id":1}])");
    CHECK(f.exchange.headers.empty());
}

TEST_CASE("a batch of notifications alone is accepted without a body") {
    Fixture f;
    {
        BatchResponseWriter first(f.batch), second(f.batch);
        first.end(nullptr);
        second.end(nullptr);
    }
    f.batch->complete();
    CHECK(f.exchange.status == 202);
    CHECK(f.exchange.answer.empty());
}

TEST_CASE("a batch waits for the answer that comes later") {
    Fixture f;
    std::shared_ptr<ResponseWriter> later;
    {
        BatchResponseWriter slow(f.batch), quick(f.batch);
        later = slow.keep();
        quick.answer(200, R"({"id":2})", "");
        slow.answer(200, R"({"id":9})", ""); // it is empty now
    }
    f.batch->complete();
    f.batch.reset();
    CHECK_FALSE(f.exchange.isOver());
    later->answer(200, R"({"id":1})", "");
    CHECK(f.exchange.answer == R"([{"id":2},{"id":1}])");
}

TEST_CASE("a message that nobody answered does not hold up its batch") {
    Fixture f;
    { const BatchResponseWriter forgotten(f.batch); }
    BatchResponseWriter answered(f.batch);
    f.batch->complete();
    const auto kept = answered.keep();
    kept->answer(200, R"({"id":1})", "");
    CHECK(f.exchange.answer == R"([{"id":1}])");
}

TEST_CASE("what a call says before its answer goes out at once, where the client takes a stream") {
    Fixture f, none({false, false});
    BatchResponseWriter says(f.batch), silent(none.batch);
    CHECK(says.acceptsMessages());
    says.message(R"({"progress":1})");
    CHECK(f.exchange.answer == "event: message\ndata: {\"progress\":1}\n\n");
    says.answer(200, R"({"id":1})", "");
    CHECK_FALSE(says.acceptsMessages());
    f.batch->complete();
    CHECK(f.exchange.answer == "event: message\ndata: {\"progress\":1}\n\nevent: message\ndata: [{\"id\":1}]\n\n");
    CHECK(f.exchange.finished);
    CHECK_FALSE(silent.acceptsMessages());
    silent.message("{}");
    CHECK_FALSE(none.exchange.streaming);
}

TEST_CASE("a client that goes loses its batch, and cancels nothing") {
    Fixture f;
    BatchResponseWriter one(f.batch);
    bool told = false;
    one.whenGone([&] { told = true; });
    f.exchange.goAway();
    CHECK(f.exchange.aborted);
    CHECK_FALSE(told);
    one.answer(200, "{}", "");
    f.batch->complete();
    CHECK(f.exchange.answers == 0);
}
