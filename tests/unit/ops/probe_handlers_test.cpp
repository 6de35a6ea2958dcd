#include "ops/probe_handlers.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace gatehouse;

namespace {

// Keeps the reply it is given.
class KeptExchange final : public http::Exchange {
public:
    explicit KeptExchange(std::string_view method) { head_.method = method; }
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
    std::string contentType, text, headers;

private:
    http::RequestHead head_;
};

} // namespace

TEST_CASE("a probe is read with GET or HEAD, and nothing else") {
    struct Row {
        const char* method;
        bool read;
    };
    for (const Row& row : std::vector<Row>{{"GET", true},
                                           {"HEAD", true},
                                           {"POST", false},
                                           {"DELETE", false},
                                           {"OPTIONS", false},
                                           {"get", false},
                                           {"", false}}) {
        DYNAMIC_SECTION('"' << row.method << '"') {
            int asked = 0;
            ProbeHandler probe([&] { return ++asked, ProbeAnswer{}; });
            KeptExchange exchange(row.method);
            const auto answer = probe.onHead(exchange);
            CHECK(answer == http::HeadAnswer::refused); // answered: no body is read
            CHECK(exchange.replies == 1);
            CHECK(exchange.status == (row.read ? 200 : 405));
            CHECK(exchange.headers == (row.read ? "Cache-Control: no-store\r\n" : "Allow: GET, HEAD\r\n"));
            CHECK(asked == (row.read ? 1 : 0));
        }
    }
}

TEST_CASE("a probe is asked anew for each request, and cached only when it says so") {
    int asked = 0;
    ProbeHandler probe([&] {
        return ProbeAnswer{asked++ == 0 ? 200 : 503, "state " + std::to_string(asked), "text/plain"};
    });
    KeptExchange exchange("GET");
    probe.onHead(exchange);
    CHECK(exchange.status == 200);
    CHECK(exchange.text == "state 1");
    CHECK(exchange.contentType == "text/plain");
    CHECK(exchange.headers == "Cache-Control: no-store\r\n");
    probe.onHead(exchange);
    CHECK(exchange.status == 503);
    CHECK(exchange.text == "state 2");
    ProbeHandler cached([] { return ProbeAnswer{200, "{}", "application/json", "Cache-Control: max-age=60\r\n"}; });
    cached.onHead(exchange);
    CHECK(exchange.headers == "Cache-Control: max-age=60\r\n");
}
