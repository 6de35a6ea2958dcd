// What a server shows over HTTP, beside the protocol. Routes of a program: embedded_server_test.cpp.
#include "server/http_surface.hpp"

#include <catch2/catch.hpp>

#include "support/running_server.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using test::Got;
using test::RunningServer;
using test::ScratchFolder;

namespace {

const std::string initialize =
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";

Config echoWithTokens(const ScratchFolder& folder) {
    Config config;
    config.http.address = "127.0.0.1:0";
    config.backend.plugin = "echo";
    config.plugins.dir = TEST_LIBRARIES "/gatehouse";
    config.auth.tokenFile = folder.write("t.yaml", "tokens: []\n");
    return config;
}

} // namespace

TEST_CASE("probes answer without a token, metrics only where they listen") {
    const ScratchFolder folder;
    Config config = echoWithTokens(folder);
    config.metricsAddress = "127.0.0.1:0";
    const RunningServer server(config);
    CHECK(server.get("/health").status == 200);
    CHECK(server.get("/health").body.find(R"("status":"ok")") != std::string::npos);
    CHECK(server.get("/ready").body == R"({"status":"ready"})");
    CHECK(server.get("/metrics").status == 404);
    const std::string& said = server.saidAtStart();
    const std::size_t at = said.find("Metrics on http://127.0.0.1:") + 28;
    const auto metricsPort = static_cast<std::uint16_t>(std::stoi(said.substr(at)));
    server.call("", initialize); // refused, and counted
    const Got metrics = test::fetch(metricsPort, "GET", "/metrics");
    CHECK(metrics.status == 200);
    CHECK(metrics.body.find(R"(gatehouse_requests_total{method="POST",outcome="rejected"} 1)") != std::string::npos);
    CHECK(test::fetch(metricsPort, "GET", "/mcp").status == 404);
}

TEST_CASE("a page of the public URL's own origin, or of an allowed one, may call; another may not") {
    const ScratchFolder folder;
    Config config = echoWithTokens(folder);
    config.http.publicUrl = "https://mcp.example.com/base";
    config.http.allowedOrigins = {"https://app.example.com"};
    const RunningServer server(config);
    for (const auto& [origin, status] : std::initializer_list<std::pair<const char*, int>>{
             {"https://mcp.example.com", 204}, {"https://app.example.com", 204}, {"https://evil.example.com", 403}}) {
        const Got got = test::fetch(server.port(), "OPTIONS", "/base/mcp",
                                    "Origin: " + std::string(origin) + "\r\nAccess-Control-Request-Method: POST\r\n");
        INFO(origin);
        CHECK(got.status == status);
        CHECK((got.head.find("Access-Control-Allow-Methods: GET, POST, DELETE") != std::string::npos) ==
              (status == 204));
    }
}

TEST_CASE("without a sign-in the places that clients look for one at say which header to send") {
    const ScratchFolder folder;
    const RunningServer server(echoWithTokens(folder));
    const Got got = server.get("/.well-known/oauth-protected-resource/mcp");
    CHECK(got.status == 404);
    CHECK(got.body.find("Authorization: Bearer") != std::string::npos);
}
