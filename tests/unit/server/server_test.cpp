#include "server/server.hpp"

#include <catch2/catch.hpp>

#include <functional>

#include "http/http_server.hpp"
#include "support/running_server.hpp"
#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::Got;
using test::listItem;
using test::RunningServer;
using test::sampleEntry;
using test::ScratchFolder;

namespace {

const std::string toolsList = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
const std::string initialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";

Config echoOn(const std::string& address = "127.0.0.1:0") {
    Config config;
    config.http.address = address;
    config.backend.plugin = "echo";
    config.plugins.dir = TEST_LIBRARIES "/gatehouse";
    return config;
}

Config withTokens(const std::string& file) {
    Config config = echoOn();
    config.auth.tokenFile = file;
    return config;
}

std::string refusal(const Config& config, bool allowRemote = false) {
    ServerOptions options;
    options.allowRemoteWithoutAuth = allowRemote;
    options.program = "./gh";
    try {
        const RunningServer server(config, options);
    } catch (const UnusableConfigError& fault) {
        return fault.what();
    }
    return "";
}

// Asks until the answer is as wanted, each time over a real connection; the last answer when it never is.
Got askUntil(const std::function<Got()>& ask, const std::function<bool(const Got&)>& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + test::generous;
    Got got = ask();
    while (!wanted(got) && std::chrono::steady_clock::now() < deadline) got = ask();
    return got;
}

} // namespace

TEST_CASE("settings that are unsafe or make no sense are refused, with what is wrong") {
    struct Row {
        const char* what;
        std::function<void(Config&)> spoil;
        const char* told;
    };
    const auto noAuth = [](const char* address) {
        return [address](Config& c) { c.auth.enabled = false, c.http.address = address; };
    };
    for (const Row& row : std::vector<Row>{
             {"nothing to serve", [](Config& c) { c.http.enabled = false; }, "http.enabled: got false"},
             {"no authentication on every address", noAuth("0.0.0.0:0"), "no authentication on 0.0.0.0:0: refused"},
             {"no authentication on every address, in short", noAuth(":0"), "no authentication on :0: refused"},
             {"no authentication on every IPv6 address", noAuth("[::]:0"), "no authentication on [::]:0: refused"},
             {"no authentication on a name that only looks local", noAuth("localhost.example:0"),
              "no authentication on localhost.example:0: refused"},
             {"TLS without a key",
              [](Config& c) {
                  c.http.tls = {true, "cert.pem", "", ""};
              },
              "http.tls: is enabled, but cert_file or key_file is missing"},
             {"TLS without a certificate",
              [](Config& c) {
                  c.http.tls = {true, "", "key.pem", ""};
              },
              "http.tls: is enabled, but cert_file or key_file is missing"},
             {"a public URL that is none", [](Config& c) { c.http.publicUrl = "gatehouse.example"; },
              "http.public_url: expected an http(s) URL, got \"gatehouse.example\""},
             {"a public URL of another kind", [](Config& c) { c.http.publicUrl = "ftp://gatehouse.example"; },
              "http.public_url: expected an http(s) URL, got \"ftp://gatehouse.example\""},
             {"a proxy that is no address",
              [](Config& c) {
                  c.http.trustedProxies = {"10.0.0.0/8", "proxy"}, c.auth.enabled = false;
              },
              "http.trusted_proxies: expected an address or a range such as 10.0.0.0/8, got \"proxy\""},
             {"an address without a port", [](Config& c) { c.auth.enabled = false, c.http.address = "127.0.0.1"; },
              "127.0.0.1"},
             {"no token file", [](Config& c) { c.auth.tokenFile = "/nowhere/t.yaml"; },
              "Token file not found: /nowhere/t.yaml\nCreate a token with: ./gh token add --token-file "
              "/nowhere/t.yaml\nOr disable authentication with: --no-auth"}}) {
        DYNAMIC_SECTION(row.what) {
            Config config = echoOn();
            row.spoil(config);
            CHECK(refusal(config).find(row.told) != std::string::npos);
        }
    }
}

TEST_CASE("without authentication it serves on loopback, elsewhere only with the second flag") {
    for (const char* address : {"127.0.0.1:0", "localhost:0"}) {
        DYNAMIC_SECTION(address) {
            Config config = echoOn(address);
            config.auth.enabled = false;
            const RunningServer server(config);
            CHECK(server.call("", initialize).status == 200);
            CHECK(server.saidAtStart().find("WARNING: authentication is off") != std::string::npos);
        }
    }
    Config config = echoOn("0.0.0.0:0");
    config.auth.enabled = false;
    CHECK(refusal(config, true).empty());
}

TEST_CASE("a plugin that is not there is refused with those that are") {
    Config config = echoOn();
    config.auth.enabled = false;
    config.backend.plugin = "none";
    CHECK_THROWS_WITH(RunningServer(config), Catch::Contains("backend.plugin: expected ") &&
                                                 Catch::Contains("got \"none\"") &&
                                                 Catch::Contains("echo, everything, sql"));
    config = echoOn();
    config.auth.validator = {"none"};
    CHECK_THROWS_WITH(RunningServer(config), Catch::Contains("auth.validator: expected ") &&
                                                 Catch::Contains("got \"none\"") && Catch::Contains("static_file"));
    config = echoOn();
    config.auth.enabled = false;
    config.plugins.pins["gatehouse_backend_echo.so"] = std::string(64, 'a');
    CHECK_THROWS_AS(RunningServer(config), UnusableConfigError);
}

TEST_CASE("a token file that is broken is told with its line") {
    const ScratchFolder folder;
    const Config config = withTokens(folder.write("t.yaml", "tokens:\n- id: a\n"));
    CHECK_THROWS_AS(RunningServer(config), UnusableConfigError);
    CHECK_THROWS_WITH(RunningServer(config),
                      Catch::Contains("auth.token_file: " + folder.file("t.yaml") + ":2: hash:"));
}

TEST_CASE("E07: a port that is taken is told once, and nothing has been read or written before") {
    const ScratchFolder folder;
    const std::string text = "tokens:\n" + listItem("old", "late", "  expires_at: \"2020-01-01T00:00:00Z\"\n");
    Config config = echoOn();
    config.auth.enabled = false;
    const RunningServer first(config);
    Config second = withTokens(folder.write("t.yaml", text));
    second.auditFile = folder.file("audit");
    for (const bool isMetrics : {false, true}) {
        const std::string taken = "127.0.0.1:" + std::to_string(first.port());
        second.http.address = isMetrics ? "127.0.0.1:0" : taken;
        second.metricsAddress = isMetrics ? taken : "";
        CHECK_THROWS_AS(RunningServer(second), http::ListenError);
        CHECK_THROWS_WITH(RunningServer(second), taken + " is in use by another program; choose another with " +
                                                     (isMetrics ? "metrics.address" : "--addr or http.address"));
    }
    CHECK(test::readText(folder.file("t.yaml")) == text);
    CHECK_FALSE(std::filesystem::exists(second.auditFile));
    CHECK(first.get("/health").status == 200);
}

TEST_CASE("E12a: a start that is refused changes nothing on disk") {
    const ScratchFolder folder;
    const std::string text = "tokens:\n" + listItem("old", "late", "  expires_at: \"2020-01-01T00:00:00Z\"\n");
    Config config = withTokens(folder.write("t.yaml", text));
    config.auditFile = folder.file("audit");
    config.backend.plugin = "none";
    CHECK_THROWS_AS(RunningServer(config), UnusableConfigError);
    CHECK(test::readText(folder.file("t.yaml")) == text);
    CHECK_FALSE(std::filesystem::exists(config.auditFile));
    config.backend.plugin = "echo";
    const RunningServer server(config); // the very settings that change the disk when they are right
    CHECK(test::readText(folder.file("t.yaml")) != text);
    CHECK(std::filesystem::exists(config.auditFile));
}

TEST_CASE("the start says what was loaded, what is watched and where it listens") {
    const ScratchFolder folder;
    Config config = withTokens(folder.write("t.yaml", "tokens:\n" + listItem("a", "secret")));
    config.metricsAddress = "127.0.0.1:0";
    RunningServer server(config);
    const std::string& said = server.saidAtStart();
    CHECK(said.find("Loaded 1 API token(s) from " + config.auth.tokenFile + "\n") != std::string::npos);
    CHECK(said.find("Watching " + config.auth.tokenFile + " for changes\n") != std::string::npos);
    CHECK(said.find("Metrics on http://127.0.0.1:") != std::string::npos);
    CHECK(said.find("\nListening on http://127.0.0.1:" + std::to_string(server.port()) + "/mcp\n") !=
          std::string::npos);
}

TEST_CASE("who has a token is served, who has none is not, on every path of the protocol") {
    const ScratchFolder folder;
    const RunningServer server(
        withTokens(folder.write("t.yaml", "tokens:\n" + listItem("a", "secret") +
                                              listItem("old", "expired", "  expires_at: \"2020-01-01T00:00:00Z\"\n"))));
    CHECK(server.call("secret", initialize).status == 200);
    CHECK(server.call("secret", toolsList).body.find(R"("echo")") != std::string::npos);
    for (const char* token : {"", "wrong", "expired", "secre", "secret2"}) {
        DYNAMIC_SECTION("token \"" << token << '"') {
            const Got got = server.call(token, initialize);
            CHECK(got.status == 401);
            CHECK(got.head.find("WWW-Authenticate: Bearer") != std::string::npos);
        }
    }
    for (const char* path : {"/mcp", "/mcp/", "/mcp/v1", "/mcp/initialize"})
        CHECK(test::fetch(server.port(), "POST", path, "Content-Type: application/json\r\nAccept: */*\r\n", initialize)
                  .status == 401);
    CHECK(server.get("/").status == 404);
    CHECK(server.get("/mcp/v2").status == 404);
}

TEST_CASE("a token works as soon as it is added, and stops when it is removed") {
    const ScratchFolder folder;
    const TokenFile file(folder.write("t.yaml", "tokens:\n" + listItem("a", "first")));
    RunningServer server(withTokens(file.path()));
    REQUIRE(server.call("first", initialize).status == 200);
    REQUIRE(server.call("second", initialize).status == 401);
    file.add(sampleEntry("b", "second"), test::sampleTime);
    CHECK(askUntil([&] { return server.call("second", initialize); }, [](const Got& got) { return got.status == 200; })
              .status == 200);
    file.removeIf([](const TokenEntry& entry) { return entry.record.id == "a"; });
    CHECK(askUntil([&] { return server.call("first", initialize); }, [](const Got& got) { return got.status == 401; })
              .status == 401);
    CHECK(server.call("second", initialize).status == 200);
    CHECK(server.waitForLine("[AUTH] Reloaded " + file.path() + "\n").find("[AUTH] Reloaded") != std::string::npos);
}

TEST_CASE("a token file that breaks makes the server degraded, not deaf") {
    const ScratchFolder folder;
    const std::string good = "tokens:\n" + listItem("a", "secret");
    RunningServer server(withTokens(folder.write("t.yaml", good)));
    folder.write("t.yaml", "tokens: [\n");
    server.server().reloadTokens();
    const auto ready = [&] { return server.get("/ready"); };
    const Got degraded = askUntil(ready, [](const Got& got) { return got.body.find("degraded") != std::string::npos; });
    CHECK(degraded.status == 200);
    CHECK(degraded.body.find("the last good tokens are in force") != std::string::npos);
    CHECK(server.call("secret", initialize).status == 200);
    folder.write("t.yaml", good);
    CHECK(askUntil(ready, [](const Got& got) { return got.body == R"({"status":"ready"})"; }).body ==
          R"({"status":"ready"})");
}

TEST_CASE("every decision reaches the audit file, without the token") {
    const ScratchFolder folder;
    Config config = withTokens(folder.write("t.yaml", "tokens:\n" + listItem("a", "secret-word", "  note: alice\n")));
    config.auditFile = folder.file("audit.jsonl");
    {
        RunningServer server(config);
        server.call("secret-word", toolsList);
        server.call("wrong-word", toolsList);
    }
    const std::string audit = test::readText(config.auditFile);
    CHECK(audit.find(R"("subject":"alice","token_id":"a","method":"tools/list")") != std::string::npos);
    CHECK(audit.find(R"("outcome":"rejected","reason":"unknown","status":401)") != std::string::npos);
    CHECK(audit.find("-word") == std::string::npos);
}

TEST_CASE("asked to stop it ends, and says so") {
    Config config = echoOn();
    config.auth.enabled = false;
    RunningServer server(config);
    const std::uint16_t port = server.port();
    server.stop();
    CHECK_FALSE(server.callsLeft());
    CHECK(server.waitForLine("stopping").find("info stopping: calls under way may end") != std::string::npos);
    CHECK(test::fetch(port, "GET", "/health").status == 0);
}

TEST_CASE("the token file and the plugin folder have defaults beside the executable") {
    Config config;
    if (!std::filesystem::exists("/etc/gatehouse/tokens.yaml"))
        CHECK(tokenFileOf(config, "/opt/bin") == "/opt/bin/gatehouse-tokens.yaml");
    CHECK(pluginFolderOf(config, "/opt/bin") == "/opt/lib/gatehouse");
    config.auth.tokenFile = "/t.yaml";
    config.plugins.dir = "/p";
    CHECK(tokenFileOf(config, "/opt/bin") == "/t.yaml");
    CHECK(pluginFolderOf(config, "/opt/bin") == "/p");
}
