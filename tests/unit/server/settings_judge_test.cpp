#include <catch2/catch.hpp>

#include <functional>

#include "server/server_settings.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;

namespace {

Config configWith(const std::function<void(Config&)>& change) {
    Config config;
    change(config);
    return config;
}

std::string judged(const Config& config, const ServerOptions& options = {}) {
    SettingFaults faults = config.faults;
    judgeSettings(config, options, faults);
    return faults.empty() ? "" : faults.list().front().key + ": " + faults.list().front().words;
}

} // namespace

TEST_CASE("B1: without authentication a server that others can reach is refused, also behind a proxy") {
    struct Row {
        const char* what;
        std::function<void(Config&)> change;
        const char* told; // empty: starts
    };
    for (const Row& row : std::initializer_list<Row>{
             {"on loopback", [](Config&) {}, ""},
             {"on every address", [](Config& c) { c.http.address = ":80"; }, "http.address (:80)"},
             {"with a public URL", [](Config& c) { c.http.publicUrl = "https://mcp.example"; },
              "http.public_url (https://mcp.example)"},
             {"with a public URL of this machine", [](Config& c) { c.http.publicUrl = "http://localhost:8080"; }, ""},
             {"behind a trusted proxy", [](Config& c) { c.http.trustedProxies = {"127.0.0.1"}; },
              "http.trusted_proxies"}}) {
        DYNAMIC_SECTION(row.what) {
            Config config = configWith(row.change);
            config.auth.enabled = false;
            const std::string told = judged(config);
            CHECK_THAT(told, Catch::Contains(row.told));
            CHECK(told.empty() == std::string(row.told).empty());
            ServerOptions allowed;
            allowed.allowRemoteWithoutAuth = true;
            CHECK(judged(config, allowed).empty());
        }
    }
}

TEST_CASE("B4: TLS files without TLS are refused") {
    for (const auto& change : std::vector<std::function<void(Config&)>>{
             [](Config& c) { c.http.tls.certFile = "c"; }, [](Config& c) { c.http.tls.keyFile = "c"; },
             [](Config& c) { c.http.tls.chainFile = "c"; }}) {
        Config config = configWith(change);
        CHECK_THAT(judged(config), Catch::StartsWith("http.tls.") && Catch::Contains("but TLS is off"));
    }
}

TEST_CASE("E04: what can be no address is told") {
    for (const char* good :
         {"127.0.0.1:8080", ":80", "localhost:0", "[::1]:8080", "0.0.0.0:65535", "a-host.example:1"}) {
        INFO(good);
        Config config = configWith([&](Config& c) { c.http.address = good; });
        CHECK(judged(config).empty());
    }
    for (const char* wrong : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1",
                              "127.0.0.256:80", "1.2.3:80", "::1:80", "[::1]", "[::zz]:80", "a b:80", "http://a:80"}) {
        INFO(wrong);
        CHECK_THAT(judged(configWith([&](Config& c) { c.http.address = wrong; })),
                   Catch::StartsWith("http.address: expected host:port such as 127.0.0.1:8080") &&
                       Catch::EndsWith(", got \"" + std::string(wrong) + "\""));
        if (*wrong)
            CHECK_THAT(judged(configWith([&](Config& c) { c.metricsAddress = wrong; })),
                       Catch::StartsWith("metrics.address: expected host:port such as "));
    }
}

TEST_CASE("E04: two listeners are not given one port") {
    const auto both = [](const char* http, const char* metrics) {
        return judged(configWith([&](Config& c) { c.http.address = http, c.metricsAddress = metrics; }));
    };
    CHECK_THAT(both("127.0.0.1:1", "127.0.0.1:1"), Catch::StartsWith("metrics.address: is the same"));
    CHECK_THAT(both("0.0.0.0:1", ":1"), Catch::StartsWith("metrics.address: is the same"));
    CHECK(both("127.0.0.1:1", "127.0.0.1:2").empty());
    CHECK(both("127.0.0.1:0", "127.0.0.1:0").empty()); // two free ones
}

TEST_CASE("E04: the audit's file must be one that can be written") {
    const test::ScratchFolder folder;
    const auto audit = [](const std::string& file, bool stdio = false) {
        ServerOptions options;
        options.stdio = stdio;
        return judged(configWith([&](Config& c) { c.auditFile = file; }), options);
    };
    CHECK(audit("").empty());
    CHECK(audit("-").empty());
    CHECK(audit(folder.file("new")).empty());
    CHECK(audit(folder.write("old", "")).empty());
    CHECK_FALSE(std::filesystem::exists(folder.file("new")));
    CHECK_THAT(audit(folder.path().string()), Catch::StartsWith("audit.file: ") && Catch::Contains("is a folder"));
    CHECK_THAT(audit(folder.file("none/new")), Catch::StartsWith("audit.file: there is no folder "));
    CHECK_THAT(audit("-", true), Catch::StartsWith("audit.file: \"-\" is standard output"));
}

TEST_CASE("E04: a key that has a fault already is not judged again") {
    Config config;
    config.http.address = "nowhere";
    config.faults.add({"g.yaml:2", "http.address", "expected a string, got 5"});
    CHECK(judged(config) == "http.address: expected a string, got 5");
    SettingFaults faults = config.faults;
    judgeSettings(config, {}, faults);
    CHECK(faults.list().size() == 1);
}

TEST_CASE("a public URL that ends in /mcp leaves no place for the page") {
    for (const char* url : {"https://mcp.example/mcp", "https://mcp.example/mcp/"}) {
        const auto with = [&](bool isServed) {
            return judged(configWith([&](Config& c) {
                c.http.publicUrl = url;
                c.admin.enabled = isServed;
            }));
        };
        CHECK(with(true) == "http.public_url: ends in /mcp, where the page would stand as well; give it without /mcp");
        CHECK(with(false).empty());
    }
}
