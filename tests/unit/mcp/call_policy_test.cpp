// What a caller may not call, and the credential that a call is made with.
#include <catch2/catch.hpp>

#include "mcp/call/fallback_client.hpp"
#include "support/call_methods_site.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const Policy rules(Settings(Json::parse(R"({"rules":[
    {"tools":["fast","work","count"],"scopes":["read:a","write:b"]},
    {"prompts":["greet"],"scopes":["read:a"]},
    {"resources":["test://fast","test://items/*"],"scopes":["read:a"]},
    {"resources":["test://plain/{x}"],"scopes":["read:a"]}]})")));

constexpr WorkerPoolOptions usual{4, 4, std::chrono::milliseconds(10'000)};

struct RuledSite : CallMethodsSite {
    RuledSite() : CallMethodsSite(usual, &rules) {}
};

// Every call is made with what the validator gives for the caller's token.
struct Exchanging {
    ScriptedValidator validator;
};
struct ExchangingSite : Exchanging, CallMethodsSite {
    ExchangingSite() : CallMethodsSite(usual, nullptr, &validator) {}
    ~ExchangingSite() { close(); }
    std::shared_ptr<KeptResponseWriter> call(const std::string& tool, bool modern,
                                             const std::string& token = "secret") {
        Asking asking{"tools/call", R"({"name":")" + tool + "\"}", modern};
        asking.token = token;
        return answered(asking);
    }
};

struct Row {
    const char *method, *params, *needed;
};
const std::vector<Row> guarded{
    {"tools/call", R"({"name":"fast"})", "read:a write:b"},
    {"tools/call", R"({"name":"work"})", "read:a write:b"},
    {"tools/call", R"({"name":"count","arguments":{"n":"wrong"}})", "read:a write:b"},
    {"prompts/get", R"({"name":"greet","arguments":{"who":"Ada"}})", "read:a"},
    {"resources/read", R"({"uri":"test://fast"})", "read:a"},
    {"resources/read", R"({"uri":"test://items/5"})", "read:a"},
    {"resources/read", R"({"uri":"test://plain/5"})", "read:a"},
    {"completion/complete", R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":""}})",
     "read:a"},
    {"completion/complete",
     R"({"ref":{"type":"ref/resource","uri":"test://items/{id}"},"argument":{"name":"id","value":""}})", "read:a"}};

} // namespace

TEST_CASE("what a caller may not call is 403 with all scopes that are needed, and no client is made") {
    for (const Row& row : guarded) {
        for (const bool modern : {true, false}) {
            DYNAMIC_SECTION(row.method << " " << row.params << (modern ? ", modern" : ", legacy")) {
                RuledSite site;
                Asking asking{row.method, row.params, modern};
                asking.grants = rules.grantsOf({"read:b"});
                const auto got = site.run(asking);
                CHECK(got->status == 403);
                CHECK(got->errorCode() == -32003);
                CHECK(got->json().at("error").at("data") == Json({{"scope", row.needed}}));
                CHECK(got->headers.find("error=\"insufficient_scope\"") != std::string::npos);
                CHECK(got->headers.find("scope=\"" + std::string(row.needed) + "\"") != std::string::npos);
                CHECK(site.desk.outcome == "rejected insufficient_scope");
                CHECK(site.factory.created == 0);
            }
        }
    }
}

TEST_CASE("who has the scopes, or what includes them, may call") {
    for (const Row& row : guarded) {
        for (const char* scope : {"mcp:admin", "write:a"}) {
            DYNAMIC_SECTION(row.method << " " << row.params << " with " << scope) {
                RuledSite site;
                Asking asking{row.method, row.params};
                asking.grants = rules.grantsOf({scope, "write:b"});
                CHECK(site.answered(asking)->status == 200);
            }
        }
    }
}

TEST_CASE("a rule on a resource is not passed by triplets in its uri, nor one on a template by what it stands for") {
    const Policy narrow(Settings(Json::parse(R"({"rules":[{"resources":["test://items/secret*"],"scopes":["a"]},
        {"resources":["test://plain/{x}"],"scopes":["a"]}]})")));
    for (const char* uri :
         {"test://items/secret", "test://items/%73ecret", "test://items/%73%65cret%2D1", "test://plain/5"}) {
        DYNAMIC_SECTION(uri) {
            CallMethodsSite site(usual, &narrow);
            const auto got = site.answered({"resources/read", R"({"uri":")" + std::string(uri) + "\"}"});
            CHECK(got->status == 403);
            CHECK(site.factory.created == 0);
        }
    }
    CallMethodsSite site(usual, &narrow);
    CHECK(site.answered({"resources/read", R"({"uri":"test://items/open"})"})->status == 200);
}

TEST_CASE("what no rule names may be called by everybody, and what is not there is not there") {
    RuledSite site;
    CHECK(site.answered({"tools/call", R"({"name":"typed"})"})->status == 200);
    CHECK(site.answered({"resources/read", R"({"uri":"test://slow"})"})->status == 200);
    CHECK(site.run({"tools/call", R"({"name":"nothing"})"})->errorCode() == -32602);
}

TEST_CASE("a call is made with what the caller's token was exchanged for, never with the token") {
    for (const char* tool : {"fast", "work"}) {
        for (const bool modern : {true, false}) {
            DYNAMIC_SECTION(tool << (modern ? ", modern" : ", legacy")) {
                ExchangingSite site;
                std::string seen;
                site.validator.exchangeAnswer = [&](const ExchangeRequest& request) {
                    seen = std::string(request.token) + " of " + request.identity.subject;
                    return Exchanged{"other"};
                };
                CHECK(site.call(tool, modern)->status == 200);
                CHECK(seen == "secret of alice");
                CHECK(site.factory.bearer == "other");
                CHECK(site.validator.exchanged == 1);
            }
        }
    }
}

TEST_CASE("without a credential no client is made: 403 when it is refused, 503 when it cannot be had") {
    struct Refusal {
        const char* what;
        ExchangeAnswer answer;
        int status, code;
        const char* headers;
    };
    for (const Refusal& row : std::initializer_list<Refusal>{
             {"refused", ExchangeRefused{"inner words"}, 403, -32004, ""},
             {"unavailable", Unavailable{"inner words", 7s}, 503, -32005, "Retry-After: "}}) {
        for (const char* tool : {"fast", "work"}) {
            for (const bool modern : {true, false}) {
                DYNAMIC_SECTION(row.what << ", " << tool << (modern ? ", modern" : ", legacy")) {
                    ExchangingSite site;
                    site.validator.exchangeAnswer = [&](const ExchangeRequest&) { return row.answer; };
                    const auto got = site.call(tool, modern);
                    CHECK(got->status == row.status);
                    CHECK(got->errorCode() == row.code);
                    CHECK(got->headers.find(row.headers) != std::string::npos);
                    CHECK(got->text.find("inner words") == std::string::npos);
                    CHECK(site.log.text().find("inner words") != std::string::npos);
                    CHECK(site.factory.created == 0);
                }
            }
        }
    }
}

TEST_CASE("an exchange that throws is an internal error, and no client is made") {
    ExchangingSite site;
    site.validator.exchangeAnswer = [](const ExchangeRequest&) -> ExchangeAnswer {
        throw std::runtime_error("inner words");
    };
    const auto got = site.call("work", true);
    CHECK(got->errorCode() == -32603);
    CHECK(got->text.find("inner words") == std::string::npos);
    CHECK(site.factory.created == 0);
}

TEST_CASE("B3: without a token to exchange, or with an empty credential, there is no call") {
    ExchangingSite site;
    CHECK(site.call("work", true, "")->status == 403);
    CHECK(site.validator.exchanged == 0);
    site.validator.exchangeAnswer = [](const ExchangeRequest&) { return Exchanged{""}; };
    CHECK(site.call("work", true)->status == 403);
    CHECK(site.factory.created == 0);
}

TEST_CASE("who showed no token is served by the lent client, on the loop as on a worker") {
    for (const char* tool : {"fast", "work"}) {
        ScriptedFactory lending;
        FallbackClient fallback(lending, identityNamed("fallback"), "t");
        CallMethodsSite site(usual, nullptr, nullptr, &fallback);
        Asking asking{"tools/call", R"({"name":")" + std::string(tool) + "\"}"};
        CHECK(site.answered(asking)->status == 200);
        CHECK((site.factory.created == 1 && lending.calls == 0));
        asking.isFallback = true;
        CHECK(site.answered(asking)->status == 200);
        CHECK((site.factory.created == 1 && lending.calls == 1));
        CHECK(lending.closed == 0);
    }
}
