#include "mcp/transport/stdio_channel.hpp"

#include <catch2/catch.hpp>

#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

struct Fixture {
    Fixture() {
        site.thread.on([&] {
            channel.emplace(*site.protocol, site.thread.clock,
                            [this](std::string_view line) { lines.emplace_back(line); });
        });
    }
    ~Fixture() { close(); }
    void close() {
        site.thread.on([this] { channel.reset(); });
    }
    void handle(const std::string& message) {
        site.thread.on([&] { channel->handle(message); });
    }
    std::vector<std::string> linesSoFar() {
        return site.thread.on([this] { return lines; });
    }
    ProtocolSite site;
    std::vector<std::string> lines; // loop only
    std::optional<StdioChannel> channel;
};

} // namespace

TEST_CASE("a message is answered by one line, also when it cannot be read") {
    Fixture f;
    f.handle(rpc("ping"));
    f.handle("{");
    const auto lines = f.linesSoFar();
    REQUIRE(lines.size() == 2);
    CHECK(Json::parse(lines[0]).at("id") == 1);
    CHECK(Json::parse(lines[1]).at("error").at("code") == -32700);
}

TEST_CASE("line breaks of a backend's JSON become spaces") {
    Fixture f;
    f.site.factory.call = [](const CallRequest&, CallContext&) {
        return Result::raw("{\"content\":[],\n\"isError\":\r\nfalse}");
    };
    f.handle(rpc("tools/call", R"({"name":"fast"})"));
    const auto lines = f.linesSoFar();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find_first_of("\r\n") == std::string::npos);
    CHECK(Json::parse(lines[0]).at("result").at("isError") == false);
}

TEST_CASE("an answer that comes after the channel has closed goes nowhere") {
    Fixture f;
    f.site.factory.call = [&f](const CallRequest&, CallContext&) {
        f.site.latch.pass();
        return Result::text("late");
    };
    f.handle(rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(f.site.latch.waitForArrivals(1));
    f.close();
    f.site.latch.open();
    REQUIRE(f.site.waitUntil([&] { return f.site.factory.closed == 1; }));
    f.site.thread.settle();
    CHECK(f.linesSoFar().empty());
}

TEST_CASE("a subscription lives on the channel, and ends by its cancellation") {
    Fixture f;
    const std::string meta =
        R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";
    f.handle(rpc("subscriptions/listen", "{" + meta + R"(,"notifications":{"toolsListChanged":true}})", "7"));
    CHECK(f.site.thread.on([&] { return f.site.protocol->subscriptions().size(); }) == 1);
    f.handle(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
    CHECK(f.site.thread.on([&] { return f.site.protocol->subscriptions().size(); }) == 0);
}
