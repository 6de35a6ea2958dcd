// A server within this process: what a program reaches by the public headers alone.
#include <gatehouse/server/embedded_server.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <catch2/catch.hpp>

#include "support/loop_thread.hpp"
#include "support/running_server.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Add {
    double a = 0, b = 0;
};
struct Sum {
    double sum = 0;
};
GATEHOUSE_FIELDS(Add, a, b)
GATEHOUSE_FIELDS(Sum, sum)

class OneKey final : public TokenValidator {
public:
    Verdict validate(const TokenRequest& request) override {
        if (request.token != "sesame") return Rejected{Rejected::Reason::unknown, "no key", {}, {}};
        Identity identity;
        identity.issuer = "test";
        identity.subject = identity.isolationKey = "staff";
        return Accepted{identity, CachePolicy::never()};
    }
};

// Its key stands in the settings, and it says so in the log.
class SettingsKey final : public TokenValidator {
public:
    SettingsKey(const Settings& settings, const Host& host) : host_(host), key_(settings.string("key")) {}
    Verdict validate(const TokenRequest& request) override {
        host_.log(LogLevel::info, "asked");
        if (request.token != key_) return Rejected{Rejected::Reason::notMine, "", {}, {}};
        Identity identity;
        identity.issuer = "settings";
        identity.subject = identity.isolationKey = "somebody";
        return Accepted{identity, CachePolicy::never()};
    }

private:
    const Host& host_;
    const std::string key_;
};

struct Lines {
    void add(std::string_view line) {
        const std::lock_guard lock(mutex);
        text.append(line).append("\n");
    }
    bool have(std::string_view part) {
        const std::lock_guard lock(mutex);
        return text.find(part) != std::string::npos;
    }
    std::mutex mutex;
    std::string text;
};

ServerParts adding(Lines* log = nullptr) {
    ServerParts parts;
    parts.addValidator<OneKey>("one_key");
    parts.addTools("adding", [](FunctionTable& table) {
        table.tool("add", "Adds two numbers.", [](const Add& in) { return Sum{in.a + in.b}; });
    });
    parts.log = [log](LogLevel, std::string_view line) {
        if (log) log->add(line);
    };
    return parts;
}

constexpr const char* anyPort = "{http: {address: '127.0.0.1:0'}}";

Got call(const EmbeddedServer& server, const std::string& token, const std::string& tool = "add") {
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool +
                             R"(","arguments":{"a":1,"b":2}}})";
    return fetch(server.port(), "POST", "/mcp",
                 "Authorization: Bearer " + token +
                     "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n",
                 body);
}

RouteAnswer stockOf(const RouteRequest& request) {
    return {200, request.identity.subject + ": " + request.parameter("item"), "text/plain"};
}

RouteAnswer failing(const RouteRequest&) { throw std::runtime_error("a secret of the database"); }

std::string refusalOf(const std::string& settings, ServerParts parts) {
    try {
        EmbeddedServer server(settings, std::move(parts));
    } catch (const StartError& fault) {
        return fault.what();
    }
    return {};
}

} // namespace

TEST_CASE("a tool from a lambda and a validator from a class serve calls, and nothing else is needed") {
    EmbeddedServer server(anyPort, adding());
    server.start();
    CHECK(server.port() != 0);
    CHECK(server.url() == "http://127.0.0.1:" + std::to_string(server.port()) + "/mcp");
    CHECK(call(server, "sesame").body.find(R"("structuredContent":{"sum":3)") != std::string::npos);
    CHECK(call(server, "wrong").status == 401);
    server.stop();
    server.wait();
    CHECK(call(server, "sesame").status == 0);
}

TEST_CASE("two servers live in one process, each with its own parts and log") {
    Lines first, second;
    EmbeddedServer one(anyPort, adding(&first));
    {
        EmbeddedServer two("{http: {address: '127.0.0.1:0'}, log: {level: debug}}", adding(&second));
        one.start();
        two.start();
        CHECK(one.port() != two.port());
        CHECK(call(one, "sesame").status == 200);
        CHECK(call(two, "wrong").status == 401);
    }
    CHECK(call(one, "sesame").status == 200);
    CHECK(second.have("Listening on"));
    CHECK_FALSE(first.have("no key"));
    CHECK(second.have("unknown"));
}

TEST_CASE("settings choose among the parts, give them their own settings, and chain them") {
    Lines log;
    ServerParts parts = adding(&log);
    parts.addValidator<SettingsKey>("settings_key");
    const std::string settings =
        "{http: {address: '127.0.0.1:0'}, auth: {validator: [settings_key, one_key], "
        "validators: {settings_key: {key: magic}}}}";
    EmbeddedServer server(settings, std::move(parts));
    server.start();
    for (const char* token : {"magic", "sesame"}) CHECK(call(server, token).status == 200);
    CHECK(call(server, "neither").status == 401);
    CHECK(log.have("[settings_key] asked"));
}

TEST_CASE("what cannot start says all that is wrong, with its place, and leaves the process as it was") {
    const std::string unknown = refusalOf("http: {address: '127.0.0.1:0', adress: 1}\nlog: {level: loud}", adding());
    CHECK(unknown.find("the settings:1: http.adress") != std::string::npos);
    CHECK(unknown.find("the settings:2: log.level") != std::string::npos);
    ServerParts two = adding();
    two.addValidator<SettingsKey>("settings_key");
    CHECK(refusalOf(anyPort, two).find("the program brings several: one_key, settings_key") != std::string::npos);
    ServerParts wrong = adding();
    wrong.validators = {};
    wrong.addValidator<SettingsKey>("settings_key");
    const std::string refused =
        refusalOf("{http: {address: '127.0.0.1:0'}, auth: {validators: {settings_key: {key: k, keey: 1}}}}", wrong);
    CHECK(refused.find("auth.validators.settings_key.keey") != std::string::npos);
    CHECK(refusalOf(anyPort, wrong).find("auth.validators.settings_key.key") != std::string::npos);
    EmbeddedServer holder(anyPort, adding());
    const std::string taken = "{http: {address: '127.0.0.1:" + std::to_string(holder.port()) + "'}}";
    CHECK(refusalOf(taken, adding()).find("is in use") != std::string::npos);
}

TEST_CASE("the environment of the process is not looked at, but for what the settings name") {
    ::setenv("GATEHOUSE_HTTP_ADDRESS", "192.0.2.1:1", 1);
    ::setenv("TEST_OF_THE_EMBEDDED_ADDRESS", "127.0.0.1:0", 1);
    EmbeddedServer server("{http: {address: '${TEST_OF_THE_EMBEDDED_ADDRESS}'}}", adding());
    CHECK(server.port() != 0);
    ::unsetenv("GATEHOUSE_HTTP_ADDRESS");
    ::unsetenv("TEST_OF_THE_EMBEDDED_ADDRESS");
}

TEST_CASE("a route of the program is behind the same gate, with its path's parameters and problem documents") {
    Lines log;
    ServerParts parts = adding(&log);
    parts.routes.push_back({{"GET"}, "/stock/{item}", stockOf});
    parts.routes.push_back({{"POST"}, "/fails", failing});
    EmbeddedServer server(anyPort, std::move(parts));
    server.start();
    const std::string key = "Authorization: Bearer sesame\r\n";
    CHECK(fetch(server.port(), "GET", "/stock/a%20bolt", key).body == "staff: a bolt");
    CHECK(fetch(server.port(), "GET", "/stock/bolt").status == 401);
    CHECK(fetch(server.port(), "GET", "/stock/bolt").head.find("application/problem+json") != std::string::npos);
    const Got other = fetch(server.port(), "DELETE", "/stock/bolt", key);
    CHECK(other.status == 405);
    CHECK(other.head.find("Allow: GET, HEAD, OPTIONS") != std::string::npos);
    const Got failed = fetch(server.port(), "POST", "/fails", key);
    CHECK(failed.status == 500);
    CHECK(failed.body.find("secret") == std::string::npos);
    CHECK(log.have("a secret of the database"));
}

TEST_CASE("a page of an allowed origin may send what its route takes") {
    ServerParts parts = adding();
    parts.routes.push_back({{"PUT"}, "/stock/{item}", [](const RouteRequest&) { return RouteAnswer{}; }});
    EmbeddedServer server("{http: {address: '127.0.0.1:0', allowed_origins: ['https://app.example']}}",
                          std::move(parts));
    server.start();
    const Got got = fetch(server.port(), "OPTIONS", "/stock/bolt",
                          "Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n");
    CHECK(got.status == 204);
    CHECK(got.head.find("Access-Control-Allow-Methods: PUT") != std::string::npos);
    CHECK(got.head.find("Access-Control-Allow-Origin: https://app.example") != std::string::npos);
}

TEST_CASE("a sink that throws loses its line, and nothing else") {
    ServerParts parts = adding();
    parts.log = [](LogLevel, std::string_view) { throw std::runtime_error("full"); };
    parts.audit = [](std::string_view) { throw 42; };
    EmbeddedServer server(anyPort, std::move(parts));
    server.start();
    CHECK(call(server, "sesame").status == 200);
    CHECK(call(server, "wrong").status == 401);
}

TEST_CASE("no token file is taken that the settings do not name") {
    const std::string beside = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "gatehouse-tokens.yaml";
    const bool wasThere = std::filesystem::exists(beside);
    if (!wasThere) std::ofstream(beside) << "tokens: [\n"; // whoever reads it fails
    Lines log;
    EmbeddedServer server(anyPort, adding(&log));
    CHECK_FALSE(log.have("gatehouse-tokens.yaml"));
    if (!wasThere) std::filesystem::remove(beside);
}

TEST_CASE("waiting for a server that was never started does not wait") {
    EmbeddedServer server(anyPort, adding());
    server.wait();
}

TEST_CASE("a route that is there already is refused when the server is made") {
    ServerParts parts = adding();
    parts.routes.push_back({{"GET"}, "/health", [](const RouteRequest&) { return RouteAnswer{}; }});
    CHECK(refusalOf(anyPort, parts).find("/health") != std::string::npos);
}

TEST_CASE("the audit goes to the program's own sink, one JSON line for each decision") {
    Lines audit;
    ServerParts parts = adding();
    parts.audit = [&audit](std::string_view line) { audit.add(line); };
    EmbeddedServer server(anyPort, std::move(parts));
    server.start();
    call(server, "sesame");
    call(server, "wrong");
    CHECK(audit.have(R"("subject":"staff")"));
    CHECK(audit.have(R"("status":401)"));
}

TEST_CASE("no signal handler is taken, and a signal of the process reaches the program's own thread") {
    static std::atomic<std::thread::id> handledBy{};
    constexpr std::array signals{SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGSEGV, SIGABRT};
    const auto handlers = [&] {
        std::vector<void (*)(int)> out;
        for (const int signal : signals) {
            struct sigaction one {};
            ::sigaction(signal, nullptr, &one);
            out.push_back(one.sa_handler);
        }
        return out;
    };
    const auto handlersBefore = handlers();
    struct sigaction before {
    }, own{};
    own.sa_handler = [](int) { handledBy = std::this_thread::get_id(); };
    ::sigaction(SIGUSR1, &own, &before);
    {
        EmbeddedServer server(anyPort, adding());
        server.start();
        call(server, "sesame"); // a worker runs
        ::kill(::getpid(), SIGUSR1);
        const auto until = std::chrono::steady_clock::now() + longWait;
        while (handledBy.load() == std::thread::id() && std::chrono::steady_clock::now() < until) continue;
        CHECK(handledBy.load() == std::this_thread::get_id());
        CHECK(handlers() == handlersBefore);
    }
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("a server that was made and never started goes without a word") {
    EmbeddedServer server(anyPort, adding());
    CHECK(server.port() != 0);
    server.stop();
}
