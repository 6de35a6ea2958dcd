// The token API and the page on routes of a test's own, over an SQLite store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "admin/page_routes.hpp"
#include "admin/store_validator.hpp"
#include "admin/token_routes.hpp"
#include "auth/authorizer.hpp"
#include "loop/worker_pool.hpp"
#include "support/fake_exchange.hpp"
#include "support/sqlite_site.hpp"

namespace gatehouse::test {

struct AdminSite : SqliteSite {
    AdminSite()
        : workers(WorkerPoolOptions{4, 4, std::chrono::seconds(10)}, [](std::string_view) {}), sessions(clock),
          validator(store, sessions),
          authenticator(
              {.validatorName = "token_api", .resourceUrl = "", .cookie = admin::cookieName(false)},
              AuthenticatorDeps{.clock = clock,
                                .log = log.log,
                                .telemetry = telemetry,
                                .workers = workers,
                                .post = [this](std::function<void()> work) { thread.loop.post(std::move(work)); },
                                .identityGone = [](const std::string&) {}},
              &validator),
          authorizer(Policy()), gate(authenticator, authorizer, {}),
          requests("requests", {8, 8}, telemetry), deps{.clock = clock,
                                                        .log = log.log,
                                                        .telemetry = telemetry,
                                                        .loop = thread.loop,
                                                        .workers = workers,
                                                        .requests = requests,
                                                        .time = std::chrono::seconds(60)},
          options{http::HostGuard({}, {})}, routes(api, gate, deps, options), page({.store = store,
                                                                                    .sessions = sessions,
                                                                                    .gate = gate,
                                                                                    .workers = deps,
                                                                                    .options = options,
                                                                                    .prefix = "",
                                                                                    .isSecure = false,
                                                                                    .mcpUrl = "https://mcp.example/mcp",
                                                                                    .signInAt = ""}) {
        routes.addTo(router, "");
        page.addTo(router, "");
    }
    ~AdminSite() {
        workers.stop();
        thread.settle();
        thread.stop();
    }
    // `more`: lines of the head, each ended by CR LF.
    FakeExchange& send(const std::string& token, const std::string& line, const std::string& body = "",
                       const std::string& more = "") {
        std::string head = line + " HTTP/1.1\r\n" + more;
        if (more.find("Host: ") == std::string::npos) head += "Host: localhost\r\n";
        if (!body.empty() && more.find("Content-Type") == std::string::npos)
            head += "Content-Type: application/json\r\n";
        if (!body.empty()) head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        if (!token.empty()) head += "Authorization: Bearer " + token + "\r\n";
        exchanges.push_back(std::make_unique<FakeExchange>(thread.loop, head.substr(0, head.size() - 2), body));
        FakeExchange& exchange = *exchanges.back();
        thread.on([&] {
            http::Handler* const handler = router.find(const_cast<http::RequestHead&>(exchange.head()));
            REQUIRE(handler);
            common = handler->commonHeaders(exchange.head());
            if (handler->onHead(exchange) == http::HeadAnswer::go) handler->onRequest(exchange);
        });
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until && !thread.on([&] { return exchange.isOver(); })) continue;
        return exchange;
    }

    std::string common; // headers of every answer of the handler that was asked last
    LoopThread thread;
    WorkerPool workers;
    admin::PageSessions sessions;
    admin::StoreValidator validator;
    Authenticator authenticator;
    Authorizer authorizer;
    Gate gate;
    Budget requests;
    TokenUsage usage{useSource, clock};
    admin::TokenApi api{{.store = store,
                         .clock = clock,
                         .usage = usage,
                         .refusals = refusals,
                         .mint = opaqueMint("gth_"),
                         .policyScopes = {},
                         .limitOf = [](const TokenEntry&) { return LimitState{}; }}};
    const WorkerHandlerDeps deps;
    const GatedOptions options;
    admin::TokenRoutes routes;
    admin::PageRoutes page;
    http::Router router;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
};

} // namespace gatehouse::test
