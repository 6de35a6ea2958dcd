#include "ops/probe_handlers.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace gatehouse;

namespace {

// Keeps the reply it is given.
class KeptExchange final : public http::Exchange {
public:
    explicit KeptExchange(std::string_view method, std::int64_t contentLength = 0) {
        head_.method = method;
        head_.contentLength = static_cast<decltype(head_.contentLength)>(contentLength);
    }
    void limitBody(std::size_t bytes) override { bodyLimit = bytes; }
    const http::RequestHead& head() const override { return head_; }
    std::string_view body() const override { return {}; }
    std::string_view peer() const override { return "127.0.0.1"; }
    bool secure() const override { return false; }
    void reply(const http::Reply& reply) override {
        ++replies;
        status = reply.status;
        contentType = reply.contentType;
        text = reply.body;
        headers = reply.headers;
    }
    void startStream(std::string_view, std::string_view) override {}
    void send(std::string_view) override {}
    void finish() override {}
    void abort() override {}
    void proceed() override {}
    std::shared_ptr<const http::Ticket> ticket() override { return nullptr; }
    void whenGone(std::function<void()>) override {}

    int replies = 0;
    int status = 0;
    std::size_t bodyLimit = 0;
    std::string contentType, text, headers;

private:
    http::RequestHead head_;
};

} // namespace

// 4 MiB for each GET /health without a token: 282 MiB, and 503 for others.
TEST_CASE("C: a request with a large body is answered at its head, one with a small body when it is read") {
    for (const std::int64_t size : {1, 16 << 10, (16 << 10) + 1}) {
        ProbeHandler probe([] { return ProbeAnswer{}; });
        KeptExchange exchange("GET", size);
        const bool isLarge = size > (16 << 10);
        CHECK(probe.onHead(exchange) == (isLarge ? http::HeadAnswer::refused : http::HeadAnswer::go));
        CHECK(exchange.replies == (isLarge ? 1 : 0));
        CHECK(exchange.bodyLimit == (16 << 10));
    }
}

TEST_CASE("a probe is asked anew for each request, and cached only when it says so") {
    int asked = 0;
    ProbeHandler probe([&] {
        return ProbeAnswer{asked++ == 0 ? 200 : 503, "state " + std::to_string(asked), "text/plain"};
    });
    KeptExchange exchange("GET");
    probe.onRequest(exchange);
    CHECK(exchange.status == 200);
    CHECK(exchange.text == "state 1");
    CHECK(exchange.contentType == "text/plain");
    CHECK(exchange.headers == "Cache-Control: no-store\r\n");
    probe.onRequest(exchange);
    CHECK(exchange.status == 503);
    CHECK(exchange.text == "state 2");
    ProbeHandler cached([] { return ProbeAnswer{200, "{}", "application/json", "Cache-Control: max-age=60\r\n"}; });
    cached.onRequest(exchange);
    CHECK(exchange.headers == "Cache-Control: max-age=60\r\n");
}
