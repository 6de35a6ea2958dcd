#include "mcp/transport/stdio_server.hpp"

#include <catch2/catch.hpp>

#include "support/pipe_pair.hpp"
#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

struct Fixture {
    explicit Fixture(std::size_t maxLine = 1 << 20) {
        site.thread.on([&] {
            server.emplace(*site.protocol, site.thread.loop, site.thread.clock, site.log.log,
                           StdioServer::Descriptors{input.readEnd(), output.writeEnd(), maxLine},
                           [this] { ended.ring(); });
        });
    }
    ~Fixture() {
        site.latch.open();
        site.thread.on([this] { server.reset(); });
    }
    void say(const std::string& line) const {
        const std::string text = line + "\n";
        if (::write(input.writeEnd(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            throw std::runtime_error("the pipe is full");
    }
    // The next message that comes out.
    Json hear() {
        if (heard.find('\n') == std::string::npos) heard += output.readUntil("\n");
        const std::size_t end = heard.find('\n');
        const std::string line = heard.substr(0, end);
        heard.erase(0, end + 1);
        return Json::parse(line);
    }
    Json ask(const std::string& line) {
        say(line);
        return hear();
    }
    ProtocolSite site;
    PipePair input, output;
    Notification ended;
    std::string heard;
    std::optional<StdioServer> server;
};

} // namespace

TEST_CASE("each line is a message, and each answer a line") {
    Fixture f;
    CHECK(f.ask(rpc("ping", "{}", R"("a")")) == Json{{"jsonrpc", "2.0"}, {"id", "a"}, {"result", Json::object()}});
    CHECK(f.ask("{").at("error").at("code") == -32700);
    CHECK(f.ask("[]").at("error").at("code") == -32600);
    CHECK(f.ask(rpc("nothing")).at("error").at("code") == -32601);
    f.say("");
    f.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    CHECK(f.ask(rpc("tools/call", R"({"name":"work"})", "2")).at("id") == 2); // no answer to a notification before
    CHECK(f.ended.rings() == 0);
}

TEST_CASE("a result that was written over several lines is one line") {
    Fixture f;
    f.site.factory.call = [](const CallRequest&, CallContext&) -> CallOutcome {
        return Result::raw("{\n\"content\":\r\n[]}");
    };
    CHECK(f.ask(rpc("tools/call", R"({"name":"fast"})")).at("result") == Json{{"content", Json::array()}});
}

TEST_CASE("both eras are spoken, one message after the other") {
    Fixture f;
    const Json modern = f.ask(rpc("server/discover", "{" + modernMeta + "}"));
    CHECK(modern.at("result").at("resultType") == "complete");
    const Json legacy = f.ask(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"));
    CHECK(legacy.at("result").at("protocolVersion") == "2025-11-25");
    CHECK(f.ask(rpc("tools/call", "{" + modernMeta + R"(,"name":"fast"})")).at("result").contains("resultType"));
}

TEST_CASE("a legacy client is asked, and answers, on the same lines") {
    Fixture f;
    f.site.factory.call = [](const CallRequest&, CallContext& context) -> CallOutcome {
        return Result::text(context.askUser("who", "Who?", Json::object()).content.value("name", ""));
    };
    f.ask(rpc("initialize", R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}}})"));
    const Json asked = f.ask(rpc("tools/call", R"({"name":"work"})", "2"));
    CHECK(asked.at("method") == "elicitation/create");
    const Json answer = {
        {"jsonrpc", "2.0"}, {"id", asked.at("id")}, {"result", {{"action", "accept"}, {"content", {{"name", "Ada"}}}}}};
    CHECK(f.ask(answer.dump()).at("result").at("content").at(0).at("text") == "Ada");
}

TEST_CASE("a call is cancelled by a notification, in both eras, and not answered") {
    for (const bool modern : {true, false}) {
        DYNAMIC_SECTION((modern ? "modern" : "legacy")) {
            Fixture f;
            f.site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
                f.site.latch.pass();
                return Result::text("late");
            };
            f.site.factory.interrupt = [&] { f.site.latch.open(); };
            f.say(rpc("tools/call", "{" + (modern ? modernMeta + "," : "") + R"("name":"work"})", "5"));
            REQUIRE(f.site.latch.waitForArrivals(1));
            f.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}})");
            CHECK(f.site.waitUntil([&] { return f.site.factory.interrupted == 1; }));
            CHECK(f.ask(rpc("ping", "{}", "6")).at("id") == 6);
        }
    }
}

TEST_CASE("a legacy client hears of changes after its initialize") {
    Fixture f;
    f.ask(rpc("ping"));
    f.site.factory.offered.tools = {toolNamed("new")};
    f.site.protocol->changed(Change::tools, ""); // nobody wants to hear of it
    const auto isRenewed = [&] { return f.ask(rpc("tools/list")).dump().find(R"("new")") != std::string::npos; };
    while (!isRenewed()) continue;
    f.ask(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"));
    f.ask(rpc("resources/subscribe", R"({"uri":"test://a"})"));
    f.site.protocol->changed(Change::resource, "test://b");
    f.site.protocol->changed(Change::resource, "test://a");
    const Json told = f.hear();
    CHECK(told.at("method") == "notifications/resources/updated");
    CHECK(told.at("params").at("uri") == "test://a");
}

TEST_CASE("the end of the input, or a line too long, is told once") {
    for (const bool tooLong : {true, false}) {
        DYNAMIC_SECTION((tooLong ? "too long" : "end")) {
            Fixture f(1000);
            if (tooLong) f.say(std::string(2000, ' ') + "{");
            else f.input.closeWriteEnd();
            CHECK(f.ended.waitFor(1));
            f.site.thread.settle();
            CHECK(f.ended.rings() == 1);
            CHECK(f.site.log.text().find("stdio: ") != std::string::npos);
        }
    }
}

TEST_CASE("a server that is destroyed while a call is under way answers nobody") {
    Fixture f;
    f.site.factory.call = [&](const CallRequest&, CallContext&) -> CallOutcome {
        f.site.latch.pass();
        return Result::text("late");
    };
    f.say(rpc("tools/call", R"({"name":"work"})"));
    REQUIRE(f.site.latch.waitForArrivals(1));
    f.site.thread.on([&] { f.server.reset(); });
    f.site.latch.open();
    REQUIRE(f.site.waitUntil([&] { return f.site.factory.closed == 1; }));
    f.site.thread.settle();
    CHECK(f.output.readNow().empty());
    CHECK(f.site.thread.faults().empty());
}
