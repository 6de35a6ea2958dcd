#include "plugin/host_services.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>
#include <gatehouse/border.hpp>
#include <gatehouse/verdict_border.hpp>

#include "base/digest.hpp"
#include "support/plugin_host.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using border::str;

namespace {

struct Found {
    int calls = 0;
    std::string id, note, database;
    std::int64_t createdAt = 0, expiresAt = 0;
    static void take(void* ctx, const gatehouse_token_record* c) {
        auto& out = *static_cast<Found*>(ctx);
        ++out.calls;
        out.id = border::copy(c->id);
        out.note = border::copy(c->note);
        out.database = border::copy(c->database);
        out.createdAt = c->created_at_ms;
        out.expiresAt = c->expires_at_ms;
    }
};

} // namespace

TEST_CASE("a plugin's lines are logged with its name, whatever their level") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    CHECK(table->size == sizeof(gatehouse_host));
    table->log(table->ctx, GATEHOUSE_LOG_WARNING, str("a warning"));
    table->log(table->ctx, 99, str("too loud"));
    table->log(table->ctx, -5, str("too quiet"));
    table->log(table->ctx, GATEHOUSE_LOG_INFO, {nullptr, 0});
    const std::string text = host.log.text();
    for (const char* line : {"[mine] a warning", "[mine] too loud", "[mine] too quiet"})
        CHECK(text.find(line) != std::string::npos);
}

TEST_CASE("a plugin's time is the server's wall clock") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    const std::int64_t before = table->now_ms(table->ctx);
    CHECK(before == 1'732'000'000'000);
    host.clock.jumpWall(std::chrono::milliseconds(5));
    CHECK(table->now_ms(table->ctx) == before + 5);
}

TEST_CASE("a token is looked up by its digest: there, unknown, or nobody can say") {
    struct Row {
        const char* what;
        TokenLookup token;
        int answer;
    };
    const TokenRecord record{"id", "note", "db", WallTime(std::chrono::milliseconds(5)), never};
    for (const Row& row : std::initializer_list<Row>{
             {"there", record, 1}, {"unknown", TokenUnknown{}, 0}, {"the store is down", TokenStoreDown{}, -1}}) {
        DYNAMIC_SECTION(row.what) {
            PluginHost host;
            host.token = row.token;
            const HostServices services(host.port, "mine");
            const gatehouse_host* table = services.table();
            const Sha256 digest = sha256("token");
            Found found;
            CHECK(table->find_token(table->ctx, digest.data(), &found, Found::take) == row.answer);
            CHECK(host.askedFor == digest);
            CHECK(found.calls == (row.answer == 1 ? 1 : 0));
            if (row.answer != 1) continue;
            CHECK((found.id == "id" && found.note == "note" && found.database == "db"));
            CHECK(found.createdAt == 5);
            CHECK(found.expiresAt == GATEHOUSE_NEVER);
        }
    }
}

TEST_CASE("dropped verdicts are passed on by name") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    table->drop_verdicts(table->ctx, str("alice"));
    table->drop_verdicts(table->ctx, {nullptr, 0});
    CHECK(host.dropped == std::vector<std::string>{"alice", ""});
}

TEST_CASE("a change is passed on by its kind and uri, one that is unknown is not") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    table->notify(table->ctx, GATEHOUSE_CHANGE_TOOLS, {nullptr, 0});
    table->notify(table->ctx, GATEHOUSE_CHANGE_RESOURCE, str("test://a"));
    for (const std::int32_t unknown : {0, 5, -1, 99}) table->notify(table->ctx, unknown, str("test://a"));
    CHECK(host.told ==
          std::vector<std::pair<Change, std::string>>{{Change::tools, ""}, {Change::resource, "test://a"}});
}

TEST_CASE("what the server throws stays on its side") {
    PluginHost host;
    host.port.findToken = [](const Sha256&) -> TokenLookup { throw std::runtime_error("x"); };
    host.port.dropVerdicts = [](std::string_view) { throw 42; };
    host.port.notify = [](Change, std::string_view) { throw std::runtime_error("x"); };
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    Found found;
    CHECK(table->find_token(table->ctx, Sha256{}.data(), &found, Found::take) == -1);
    table->drop_verdicts(table->ctx, str("alice"));
    CHECK(host.log.text().find("[mine] dropping verdicts failed") != std::string::npos);
    table->notify(table->ctx, GATEHOUSE_CHANGE_TOOLS, str(""));
    CHECK(host.log.text().find("[mine] telling of a change failed") != std::string::npos);
}

namespace {

struct Fetched {
    int calls = 0, status = -1;
    std::string body, contentType, error;
    static void take(void* ctx, const gatehouse_fetch_answer* c) {
        auto& out = *static_cast<Fetched*>(ctx);
        ++out.calls;
        out.status = c->status;
        out.body = border::copy(c->body);
        out.contentType = border::copy(c->content_type);
        out.error = border::copy(c->error);
    }
};

class Saying final : public TokenValidator {
public:
    Verdict validate(const TokenRequest& request) override {
        if (request.token == "throw") throw std::runtime_error("inside");
        return Rejected{Rejected::Reason::expired, std::string(request.token), {}, {}};
    }
};

} // namespace

TEST_CASE("a plugin's request is made as it was asked for, and its answer told once") {
    PluginHost host;
    host.answer = FetchAnswer{418, "tea", "text/plain"};
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    const gatehouse_field field{str("Accept"), str("*/*")};
    const gatehouse_fetch_request request{
        sizeof(request), str("POST"), str("https://a"), &field, 1, str("body"), 99, 250, GATEHOUSE_FETCH_PUBLIC_ONLY};
    Fetched got;
    table->fetch(table->ctx, &request, &got, Fetched::take);
    CHECK((got.calls == 1 && got.status == 418 && got.body == "tea" && got.contentType == "text/plain"));
    REQUIRE(host.fetched.size() == 1);
    const FetchRequest& made = host.fetched[0];
    CHECK((made.method == "POST" && made.url == "https://a" && made.body == "body"));
    CHECK(made.headers == std::vector<std::pair<std::string, std::string>>{{"Accept", "*/*"}});
    CHECK(made.timeout == std::chrono::milliseconds(250));
    CHECK(made.maxBytes == 99);
    CHECK(made.publicOnly);
}

TEST_CASE("a request that fails, or throws, is answered with why") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    const gatehouse_fetch_request request{sizeof(request), str("GET"), str("https://a"), nullptr, 0, {}, 250, 99, 0};
    Fetched refused, thrown;
    table->fetch(table->ctx, &request, &refused, Fetched::take);
    CHECK((refused.calls == 1 && refused.status == 0 && refused.error == "nobody is there"));
    host.port.fetch = [](const FetchRequest&) -> FetchResult { throw 42; };
    table->fetch(table->ctx, &request, &thrown, Fetched::take);
    CHECK((thrown.calls == 1 && thrown.status == 0 && thrown.error == "the fetch failed within the host"));
}

TEST_CASE("another validator is lent by its name, and what it throws stays on the server's side") {
    PluginHost host;
    Saying other;
    host.port.validator = [&](std::string_view name) -> TokenValidator& {
        if (name == "other") return other;
        if (name == "odd") throw 42;
        throw SettingsError("no validator " + std::string(name));
    };
    const HostServices services(host.port, "mine");
    const gatehouse_host* table = services.table();
    std::string error;
    const gatehouse_sink sink{
        &error, [](void* ctx, gatehouse_str text) { *static_cast<std::string*>(ctx) = border::copy(text); }};
    CHECK(table->validator(table->ctx, str("none"), sink) == nullptr);
    CHECK(error == "no validator none");
    CHECK(table->validator(table->ctx, str("odd"), sink) == nullptr);
    CHECK(error == "the other validator is not available");
    const gatehouse_other_validator* lent = table->validator(table->ctx, str("other"), sink);
    REQUIRE(lent != nullptr);
    const auto ask = [&](std::string_view token) {
        TokenRequest request;
        request.token = token;
        const border::TokenRequestView c(request);
        border::VerdictBox box;
        lent->validate(lent->ctx, c.get(), box.sink());
        return box.release();
    };
    CHECK(std::get<Rejected>(ask("abc")).detail == "abc");
    CHECK(std::get<Unavailable>(ask("throw")).detail == "the validator gave no verdict");
}

TEST_CASE("a plugin is told the resource that tokens are made for") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    CHECK(border::copy(services.table()->resource_url) == "https://mcp.example/mcp");
}

TEST_CASE("what a plugin does wrong is logged once for each function") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    for (int i = 0; i < 3; ++i) {
        services.reportFault("validate", "two verdicts");
        services.guarded("exchange", [] { throw 42; });
    }
    const std::string text = host.log.text();
    for (const char* line : {"[mine] validate gave two verdicts, against gatehouse/abi.h (logged once)",
                             "[mine] exchange gave an exception, against gatehouse/abi.h (logged once)"}) {
        const std::size_t first = text.find(line);
        REQUIRE(first != std::string::npos);
        CHECK(text.find(line, first + 1) == std::string::npos);
    }
}

TEST_CASE("a call of a plugin's function is marked for as long as it lasts") {
    PluginHost host;
    const HostServices services(host.port, "mine");
    std::string inside;
    services.guarded("validate", [&] {
        const PluginCall::Where where = PluginCall::ofThisThread();
        inside = std::string(where.plugin) + "." + where.function;
    });
    CHECK(inside == "mine.validate");
    CHECK(PluginCall::ofThisThread().plugin == nullptr);
}
