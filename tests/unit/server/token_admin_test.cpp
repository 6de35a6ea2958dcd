#include "server/token_admin.hpp"

#include <catch2/catch.hpp>

#include "loop/worker_pool.hpp"
#include "support/fake_exchange.hpp"
#include "support/sqlite_site.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site : SqliteSite {
    Site() {
        admin.addTo(router, "/prefix");
        for (const char* id : {"manager", "plain"}) add(id, id);
        store.change("manager", [](TokenEntry& entry) { entry.purpose = TokenPurpose::manage; });
        store.change("plain", [](TokenEntry& entry) { entry.terms.callsPerHour = 5; });
    }
    ~Site() {
        workers.stop();
        thread.settle();
        thread.stop();
    }
    FakeExchange& get(const std::string& token, const std::string& path) {
        exchanges.push_back(std::make_unique<FakeExchange>(
            thread.loop, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token));
        FakeExchange& exchange = *exchanges.back();
        thread.on([&] {
            http::Handler* const handler = router.find(const_cast<http::RequestHead&>(exchange.head()));
            REQUIRE(handler);
            if (handler->onHead(exchange) == http::HeadAnswer::go) handler->onRequest(exchange);
        });
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (std::chrono::steady_clock::now() < until && !thread.on([&] { return exchange.isOver(); })) continue;
        return exchange;
    }

    LoopThread thread;
    WorkerPool workers{WorkerPoolOptions{4, 4, 10s}, [](std::string_view) {}};
    Config config;
    TokenUsage usage{useSource, clock};
    LimitLedger ledger{useSource, clock};
    CallLimits limits{clock, [this](const auto& wishes, const auto& granted) { granted(ledger.take(wishes)); }};
    TokenAdmin admin{
        TokenAdminDeps{.config = config,
                       .store = store,
                       .usage = usage,
                       .refusals = refusals,
                       .limits = limits,
                       .ledger = ledger,
                       .clock = clock,
                       .log = log.log,
                       .telemetry = telemetry,
                       .loop = thread.loop,
                       .workers = workers},
        Policy(Settings(Json::parse(R"({"rules":[{"tools":["*"],"scopes":["read:reports"]}]})"), "auth.policy")),
        GatedOptions{http::HostGuard({}, {})}};
    http::Router router;
    std::vector<std::unique_ptr<FakeExchange>> exchanges;
};

} // namespace

TEST_CASE("the API stands behind the path of the public URL, and offers the policy's scopes") {
    Site site;
    const Json scopes = Json::parse(site.get("manager", "/prefix/api/v2/tokens/scopes").answer)["data"];
    CHECK(scopes.back()["scope"] == "read:reports");
}

TEST_CASE("a credential that is gone is refused at once, though its verdict was kept") {
    Site site;
    CHECK(site.get("manager", "/prefix/api/v2/tokens").status == 200);
    site.store.revoke({"manager"}, "");
    site.thread.on([&] { site.admin.tokensGone({"manager"}); });
    CHECK(site.get("manager", "/prefix/api/v2/tokens").status == 401);
}

TEST_CASE("a token is told what is left of its hour, by the limits that calls are held to") {
    Site site;
    site.thread.on([&] {
        const auto match = site.store.match(sha256("plain"));
        const auto rules = std::make_shared<const TokenRules>(std::get<TokenMatch>(match));
        site.limits.takeLater(rules, [](LimitAnswer room) { std::get<HeldCall>(room).use(); });
    });
    const Json self = Json::parse(site.get("plain", "/prefix/api/v2/tokens/self").answer);
    CHECK(self["remaining"] == 4);
    CHECK(self["resets_at"].is_string());
}
