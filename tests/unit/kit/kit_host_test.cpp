#include "kit/kit_host.hpp"

#include <catch2/catch.hpp>

#include <thread>

#include "base/digest.hpp"
#include "support/tiny_http.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

FetchRequest requestTo(const std::string& url) {
    FetchRequest request;
    request.url = url;
    return request;
}

} // namespace

TEST_CASE("what was logged is taken once") {
    KitHost host("https://kit.example/mcp");
    CHECK(host.drainLog().empty());
    host.deps().log(LogLevel::debug, "one");
    host.deps().log(LogLevel::error, "two");
    CHECK(host.drainLog() == "one\ntwo\n");
    CHECK(host.drainLog().empty());
}

TEST_CASE("a validator that logs without end fills no memory") {
    KitHost host("https://kit.example/mcp");
    const std::string line(1 << 18, 'x');
    for (int i = 0; i < 10; ++i) host.deps().log(LogLevel::info, line);
    CHECK(host.drainLog().size() < (std::size_t{3} << 19));
    host.deps().log(LogLevel::info, "again");
    CHECK(host.drainLog() == "again\n");
}

TEST_CASE("tokens are found by their digest, and others are unknown") {
    KitHost host("https://kit.example/mcp");
    TokenRecord record;
    record.id = "kit-1";
    host.tokens[sha256("a token")] = record;
    host.tokens[sha256("another")] = TokenStoreDown{};
    const auto found = host.deps().findToken(sha256("a token"));
    REQUIRE(std::holds_alternative<TokenRecord>(found));
    CHECK(std::get<TokenRecord>(found).id == "kit-1");
    CHECK(std::holds_alternative<TokenStoreDown>(host.deps().findToken(sha256("another"))));
    CHECK(std::holds_alternative<TokenUnknown>(host.deps().findToken(sha256("a third"))));
}

TEST_CASE("what the watched thread fetches is counted, and nothing else") {
    KitHost host("https://kit.example/mcp");
    TinyHttp server(httpAnswer("ok"));
    const auto fetch = [&] {
        const FetchResult result = host.deps().fetch(requestTo(server.url()));
        return std::holds_alternative<FetchAnswer>(result) ? std::get<FetchAnswer>(result).body : "";
    };
    CHECK(fetch() == "ok");
    CHECK(host.fetchedByWatched() == 0);
    host.watchThisThread();
    CHECK(fetch() == "ok");
    CHECK(host.fetchedByWatched() == 1);
    std::string other;
    std::thread([&] { other = fetch(); }).join();
    CHECK(other == "ok");
    CHECK(host.fetchedByWatched() == 1);
    CHECK_THAT(server.requests().at(0), Catch::Contains("User-Agent: gatehouse-plugin-check\r\n"));
}

TEST_CASE("the audience is the URL that is served, and other validators are told to be missing") {
    KitHost host("https://kit.example/mcp");
    CHECK(host.deps().resourceUrl == "https://kit.example/mcp");
    CHECK_THROWS_WITH(host.deps().validator("oidc"),
                      "validator \"oidc\": not under `validators` of the check's settings");
    host.deps().dropVerdicts("anybody");
    host.deps().notify(Change::tools, "");
}
