// MCP over pipes: a message a line, in both eras, on one channel.
#include "mcp/stdio_server.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include "support/pipe_pair.hpp"
#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

// A server between two pipes.
struct Pipes {
    Pipes() {
        site.thread.on([&] {
            server.emplace(*site.protocol, site.thread.loop, site.thread.clock, site.log.log,
                           StdioServer::Ends{input.readEnd(), output.writeEnd(), 1 << 20}, [this] { ended.ring(); });
        });
    }
    ~Pipes() {
        site.thread.on([&] { server.reset(); });
    }
    void write(const std::string& line) const {
        const std::string text = line + "\n";
        REQUIRE(::write(input.writeEnd(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    Json read() { return Json::parse(output.readUntil("\n")); }

    ProtocolSite site;
    PipePair input, output;
    Doorbell ended;
    std::optional<StdioServer> server;
};

} // namespace

TEST_CASE("both eras share the channel; nobody is asked for a token") {
    Pipes pipes;
    pipes.write(rpc("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})"));
    CHECK(pipes.read()["result"]["protocolVersion"] == "2025-06-18");
    pipes.write(rpc("server/discover", "{" + modernMeta + "}", "\"d\""));
    const Json discovered = pipes.read();
    CHECK(discovered["id"] == "d");
    CHECK(discovered["result"]["supportedVersions"][0] == "2026-07-28");
    CHECK(pipes.site.validator.asked == 0);
}

TEST_CASE("what is no message is told so, and the next is served") {
    Pipes pipes;
    pipes.write("{");
    CHECK(pipes.read()["error"]["code"] == -32700);
    pipes.write(rpc("ping"));
    CHECK(pipes.read()["result"] == Json::object());
}

TEST_CASE("a result written over several lines goes out as one") {
    Pipes pipes;
    pipes.site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome {
        return Result::raw("{\n\"content\": [\n]\n}");
    };
    pipes.write(rpc("tools/call", R"({"name":"work"})"));
    CHECK(pipes.read()["result"]["content"] == Json::array());
}

TEST_CASE("a change is told to a legacy client that has shaken hands, and to none before") {
    Pipes pipes;
    pipes.site.thread.on([&] { pipes.site.protocol->subscriptions().publish(Change::tools, ""); });
    pipes.write(rpc("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})"));
    CHECK(pipes.read().contains("result"));
    pipes.site.thread.on([&] { pipes.site.protocol->subscriptions().publish(Change::tools, ""); });
    CHECK(pipes.read()["method"] == "notifications/tools/list_changed");
}

TEST_CASE("a subscription ends by notifications/cancelled") {
    Pipes pipes;
    pipes.write(rpc("subscriptions/listen", R"({"notifications":{"toolsListChanged":true},)" + modernMeta + "}", "7"));
    CHECK(pipes.read()["method"] == "notifications/subscriptions/acknowledged");
    CHECK(pipes.site.thread.on([&] { return pipes.site.protocol->subscriptions().size(); }) == 1);
    pipes.write(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
    CHECK(pipes.site.waitUntil([&] { return pipes.site.protocol->subscriptions().size() == 0; }));
}

TEST_CASE("the end of the input is told, and an answer that is still to come is dropped without harm") {
    Pipes pipes;
    pipes.site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        pipes.site.latch.pass();
        return Result::text("late");
    };
    pipes.write(rpc("tools/call", R"({"name":"work"})"));
    pipes.input.closeWriteEnd();
    CHECK(pipes.ended.waitFor(1));
    pipes.site.thread.on([&] { pipes.server.reset(); });
    pipes.site.latch.open();
}
