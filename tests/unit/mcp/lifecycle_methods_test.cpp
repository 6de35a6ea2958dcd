#include "mcp/lifecycle_methods.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/fake_exchange.hpp"
#include "support/scripted_gate.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Fixture() { addLifecycleMethods(methods, sessions); }
    // The result of `method`, or null when there is no such method in the era.
    Json ask(const std::string& method, bool modern, const std::string& requestedVersion = "") {
        const auto* found = methods.find(method, modern);
        if (!found) return {};
        Message message;
        message.protocolVersion = requestedVersion;
        AnswerForm form;
        form.modern = modern;
        form.idText = "1";
        MethodCall call{exchange, message, alice, form, nullptr, {}, "192.0.2.1"};
        outcome = (*found)(call).outcome;
        return Json::parse(exchange.answer).at("result");
    }
    LoopThread thread;
    CountingObserver observer;
    TurnableClock clock;
    const CallerPtr alice = callerNamed("alice");
    FakeExchange exchange{thread.loop, "POST / HTTP/1.1\r\nHost: a"};
    SessionStore sessions{{100, 30min}, clock, observer, {}};
    MethodTable methods;
    std::string_view outcome;
};

} // namespace

TEST_CASE("initialize agrees on a version that both speak, and opens a session of the caller") {
    struct Row {
        const char *requested, *agreed;
    };
    for (const Row& row : std::initializer_list<Row>{{"2024-11-05", "2024-11-05"},
                                                     {"2025-03-26", "2025-03-26"},
                                                     {"2025-06-18", "2025-06-18"},
                                                     {"2025-11-25", "2025-11-25"},
                                                     {"2026-07-28", "2025-11-25"},
                                                     {"1999-01-01", "2025-11-25"},
                                                     {"", "2025-11-25"}}) {
        DYNAMIC_SECTION("asked for \"" << row.requested << '"') {
            Fixture f;
            const Json result = f.ask("initialize", false, row.requested);
            CHECK(result.at("protocolVersion") == row.agreed);
            CHECK(result.at("serverInfo").at("name") == "gatehouse");
            CHECK(result.at("capabilities").contains("tools"));
            CHECK(f.outcome == "ok");
            const std::string header = "Mcp-Session-Id: ";
            REQUIRE(f.exchange.headers.find(header) == 0);
            const std::string id = f.exchange.headers.substr(header.size(), 32);
            REQUIRE(f.sessions.find(id, "alice"));
            CHECK(f.sessions.find(id, "alice")->version == row.agreed);
        }
    }
}

TEST_CASE("ping is answered with nothing") {
    Fixture f;
    CHECK(f.ask("ping", false) == Json::object());
    CHECK(f.outcome == "ok");
}

TEST_CASE("discover tells a modern client what there is") {
    Fixture f;
    const Json result = f.ask("server/discover", true);
    CHECK(result.at("supportedVersions") == Json::array({"2026-07-28"}));
    CHECK(result.at("resultType") == "complete");
    CHECK(result.at("capabilities").contains("tools"));
    CHECK(result.at("_meta").at("io.modelcontextprotocol/serverInfo").at("name") == "gatehouse");
    CHECK(f.observer.gauges[Gauge::sessions] == 0);
}

TEST_CASE("each era has its own methods") {
    Fixture f;
    CHECK(f.ask("initialize", true).is_null());
    CHECK(f.ask("ping", true).is_null());
    CHECK(f.ask("server/discover", false).is_null());
}
