#include "mcp/lifecycle_methods.hpp"

#include <catch2/catch.hpp>

#include "support/method_desk.hpp"
#include "support/scripted_factory.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : MethodDesk {
    Fixture() { addLifecycleMethods(table, sessions, features); }
    // The session that an answer to initialize names; null when it names none.
    Session* opened(const KeptResponseWriter& answer) {
        const std::string header = "Mcp-Session-Id: ";
        if (answer.headers.find(header) != 0) return nullptr;
        return sessions.find(answer.headers.substr(header.size(), 32), "alice");
    }
    CountingTelemetry telemetry;
    TurnableClock clock;
    SessionStore sessions{{100, 30min}, clock, telemetry};
    std::shared_ptr<const FeatureRegistry> features = std::make_shared<const FeatureRegistry>(FeatureLists{});
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
            const auto got = f.ask({"initialize", Json{{"protocolVersion", row.requested}}.dump(), false});
            const Json result = got->result();
            CHECK(result.at("protocolVersion") == row.agreed);
            CHECK(result.at("serverInfo").at("name") == "gatehouse");
            CHECK(result.at("capabilities").contains("tools"));
            CHECK_FALSE(result.contains("resultType"));
            CHECK(f.outcome == "ok");
            REQUIRE(f.opened(*got));
            CHECK(f.opened(*got)->version == row.agreed);
            CHECK(f.telemetry.gauges[Gauge::sessions] == 1);
        }
    }
}

TEST_CASE("what a client declares is kept in its session, up to a limit") {
    struct Row {
        const char* what;
        std::string params, kept; // empty: no session
    };
    const std::string large = R"({"x":")" + std::string(17 << 10, 'x') + "\"}";
    for (const Row& row :
         std::initializer_list<Row>{{"capabilities", R"({"capabilities":{ "roots":{}}})", R"({ "roots":{}})"},
                                    {"none", "{}", "{}"},
                                    {"something else", R"({"capabilities":5})", "{}"},
                                    {"null", R"({"capabilities":null})", "{}"},
                                    {"too many", R"({"capabilities":)" + large + "}", ""}}) {
        DYNAMIC_SECTION(row.what) {
            Fixture f;
            const auto got = f.ask({"initialize", row.params, false});
            const Session* session = f.opened(*got);
            REQUIRE((session == nullptr) == row.kept.empty());
            if (session) CHECK(session->clientCapabilitiesJson == row.kept);
            else CHECK(got->errorCode() == -32602);
            CHECK(f.telemetry.gauges[Gauge::sessions] == (session ? 1 : 0));
        }
    }
}

TEST_CASE("a transport that has a session for all its messages keeps it") {
    Fixture f;
    Session own;
    Asking asking{"initialize", R"({"protocolVersion":"2025-03-26","capabilities":{"roots":{}}})", false};
    asking.session = &own;
    const auto got = f.ask(asking);
    CHECK(got->headers.empty());
    CHECK(own.version == "2025-03-26");
    CHECK(own.clientCapabilitiesJson == R"({"roots":{}})");
    CHECK(f.telemetry.gauges[Gauge::sessions] == 0);
}

TEST_CASE("ping is answered with nothing") {
    Fixture f;
    CHECK(f.ask({"ping", "{}", false})->result() == Json::object());
    CHECK(f.outcome == "ok");
}

TEST_CASE("a session's log level is one of eight") {
    Fixture f;
    Session session;
    Asking asking{"logging/setLevel", R"({"level":"error"})", false};
    asking.session = &session;
    CHECK(f.ask(asking)->result() == Json::object());
    CHECK(session.logLevel == MessageLevel::error);
    for (const char* params : {"{}", R"({"level":"loud"})", R"({"level":5})", R"({"level":null})"}) {
        asking.params = params;
        CHECK(f.ask(asking)->errorCode() == -32602);
        CHECK(session.logLevel == MessageLevel::error);
    }
    CHECK(f.ask({"logging/setLevel", R"({"level":"debug"})", false})->result() == Json::object()); // no session
}

TEST_CASE("discover tells a modern client what there is, and for how long") {
    Fixture f;
    const Json result = f.ask({"server/discover"})->result();
    CHECK(result.at("supportedVersions").at(0) == "2026-07-28");
    CHECK(result.at("supportedVersions").size() == 5);
    CHECK(result.at("resultType") == "complete");
    CHECK(result.at("capabilities").contains("tools"));
    CHECK(result.at("ttlMs").is_number_integer());
    CHECK(result.at("cacheScope") == "private");
    CHECK(result.at("_meta").at("io.modelcontextprotocol/serverInfo").at("name") == "gatehouse");
    CHECK_FALSE(result.contains("serverInfo"));
    CHECK(f.telemetry.gauges[Gauge::sessions] == 0);
}

TEST_CASE("the capabilities are those of the newest lists") {
    Fixture f;
    CHECK_FALSE(f.ask({"server/discover"})->result().at("capabilities").contains("prompts"));
    f.features = std::make_shared<const FeatureRegistry>(FeatureLists{{}, {}, {}, {promptNamed("p")}});
    CHECK(f.ask({"server/discover"})->result().at("capabilities").contains("prompts"));
    CHECK(f.ask({"initialize", "{}", false})->result().at("capabilities").contains("prompts"));
}

TEST_CASE("each era has its own methods") {
    Fixture f;
    for (const char* legacy : {"initialize", "ping", "logging/setLevel"}) {
        CHECK(f.table.find(legacy, Era::legacy));
        CHECK_FALSE(f.table.find(legacy, Era::modern));
    }
    CHECK(f.table.find("server/discover", Era::modern));
    CHECK_FALSE(f.table.find("server/discover", Era::legacy));
}
