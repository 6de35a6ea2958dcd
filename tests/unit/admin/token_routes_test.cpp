#include "admin/token_routes.hpp"

#include <catch2/catch.hpp>

#include "admin/store_validator.hpp"
#include "auth/authorizer.hpp"
#include "loop/worker_pool.hpp"
#include "support/fake_exchange.hpp"
#include "support/sqlite_site.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site : SqliteSite {
    Site()
        : workers(WorkerPoolOptions{4, 4, 10s}, [](std::string_view) {}), sessions(clock), validator(store, sessions),
          authenticator(
              {.validatorName = "token_api", .resourceUrl = ""},
              AuthenticatorDeps{.clock = clock,
                                .log = log.log,
                                .telemetry = telemetry,
                                .workers = workers,
                                .post = [this](std::function<void()> work) { thread.loop.post(std::move(work)); },
                                .identityGone = [](const std::string&) {}},
              &validator),
          authorizer(Policy()), gate(authenticator, authorizer, {}), requests("requests", {8, 8}, telemetry),
          routes(api, gate,
                 WorkerHandlerDeps{.clock = clock,
                                   .log = log.log,
                                   .telemetry = telemetry,
                                   .loop = thread.loop,
                                   .workers = workers,
                                   .requests = requests,
                                   .time = 60s},
                 {http::HostGuard({}, {})}) {
        routes.addTo(router, "");
        for (const char* id : {"manager", "plain"}) add(id, id);
        store.change("manager", [](TokenEntry& entry) { entry.purpose = TokenPurpose::manage; });
    }
    ~Site() {
        workers.stop();
        thread.settle();
        thread.stop();
    }
    FakeExchange& send(const std::string& token, const std::string& line, const std::string& body = "",
                       const std::string& more = "") {
        std::string head = line + " HTTP/1.1\r\nHost: localhost\r\n" + more;
        if (!body.empty())
            head += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
        if (!token.empty()) head += "Authorization: Bearer " + token + "\r\n";
        exchanges.push_back(std::make_unique<FakeExchange>(thread.loop, head.substr(0, head.size() - 2), body));
        FakeExchange& exchange = *exchanges.back();
        thread.on([&] {
            auto& found = const_cast<http::RequestHead&>(exchange.head());
            http::Handler* const handler = router.find(found);
            REQUIRE(handler);
            if (handler->onHead(exchange) == http::HeadAnswer::go) handler->onRequest(exchange);
        });
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until && !thread.on([&] { return exchange.isOver(); })) continue;
        return exchange;
    }

    LoopThread thread;
    WorkerPool workers;
    PageSessions sessions;
    StoreValidator validator;
    Authenticator authenticator;
    Authorizer authorizer;
    Gate gate;
    Budget requests;
    TokenUsage usage{folder.file("use.db"), clock};
    TokenApi api{{.store = store,
                  .clock = clock,
                  .usage = usage,
                  .prefix = "gth_",
                  .policyScopes = {},
                  .limitOf = [](const TokenEntry&) { return LimitState{}; }}};
    TokenRoutes routes;
    http::Router router;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
};

} // namespace

TEST_CASE("a token is made, shown, changed and removed, with and without a slash at the end") {
    Site site;
    for (const std::string slash : {"", "/"}) {
        auto& made = site.send("manager", "POST /api/v2/tokens" + slash, R"({"name":"n"})");
        CHECK(made.status == 201);
        CHECK(made.contentType == "application/json");
        CHECK(made.headers.find("Cache-Control: no-store") != std::string::npos);
        const std::string path = "/api/v2/tokens/" + Json::parse(made.answer)["id"].get<std::string>();
        CHECK(made.headers.find("Location: " + path + "\r\n") != std::string::npos);
        CHECK(site.send("manager", "GET " + path + slash).status == 200);
        CHECK(site.send("manager", "PATCH " + path + slash, R"({"name":"x"})").status == 200);
        CHECK(site.send("manager", "POST " + path + "/rotate" + slash).status == 201);
        CHECK(site.send("manager", "GET " + path + "/usage" + slash).status == 200);
        auto& removed = site.send("manager", "DELETE " + path + slash);
        CHECK(removed.status == 204);
        CHECK(removed.answer.empty());
    }
}

TEST_CASE("who may not manage is 403, but may ask about itself; who is nobody is 401") {
    Site site;
    for (const char* line :
         {"GET /api/v2/tokens", "POST /api/v2/tokens", "DELETE /api/v2/tokens/plain", "GET /api/v2/tokens/scopes"}) {
        CHECK(site.send("plain", line).status == 403);
        auto& none = site.send("", line);
        CHECK(none.status == 401);
        CHECK(none.headers.find("WWW-Authenticate: Bearer") != std::string::npos);
        CHECK(site.send("nobody", line).status == 401);
    }
    CHECK(site.send("plain", "GET /api/v2/tokens/self").status == 200);
    CHECK(Json::parse(site.send("plain", "POST /api/v2/tokens/validate").answer)["valid"] == true);
    CHECK(site.send("nobody", "POST /api/v2/tokens/validate").status == 401);
}

TEST_CASE("what is wrong with a request is a problem with a code") {
    Site site;
    struct Row {
        const char *line, *body;
        int status;
        const char* code;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"POST /api/v2/tokens", "{", 400, "invalid_body"},
                                    {"POST /api/v2/tokens", "[]", 400, "invalid_body"},
                                    {"POST /api/v2/tokens", R"({"name":"a","name":"b"})", 400, "invalid_body"},
                                    {"POST /api/v2/tokens", R"({"name":"a","more":1})", 400, "invalid_member"},
                                    {"GET /api/v2/tokens?token=gth_x", "", 400, "invalid_parameter"},
                                    {"GET /api/v2/tokens?limit=0", "", 400, "invalid_parameter"},
                                    {"GET /api/v2/tokens/token-0", "", 404, "not_found"},
                                    {"POST /api/v2/tokens/bulk-revoke", "{}", 400, "nothing_selected"}}) {
        auto& exchange = site.send("manager", row.line, row.body);
        CHECK(exchange.status == row.status);
        CHECK(exchange.contentType == "application/problem+json");
        const Json problem = Json::parse(exchange.answer);
        CHECK(problem["code"] == row.code);
        CHECK(problem["status"] == row.status);
        CHECK(problem["title"] != "Status");
    }
    CHECK(site.send("manager", "POST /api/v2/tokens", "name=n", "Content-Type: text/plain\r\n").status == 415);
    CHECK(site.send("manager", "PUT /api/v2/tokens").status == 405);
}

TEST_CASE("a change may be bound to what was read") {
    Site site;
    const std::string path =
        "/api/v2/tokens/" +
        Json::parse(site.send("manager", "POST /api/v2/tokens", R"({"name":"n"})").answer)["id"].get<std::string>();
    CHECK(site.send("manager", "PATCH " + path, R"({"name":"x"})", "If-Match: \"other\"\r\n").status == 412);
    CHECK(site.send("manager", "PATCH " + path, R"({"name":"x"})", "If-Match: *\r\n").status == 200);
}
