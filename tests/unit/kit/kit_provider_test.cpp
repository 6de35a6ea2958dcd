#include "kit/kit_provider.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/json.hpp>

#include "fetch/fetcher.hpp"
#include "support/kept_log.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

struct Provided {
    KeptLog log;
    KitProvider provider{log.log};
    Fetcher fetcher{FetchOptions{}};

    FetchResult ask(const std::string& url, const std::string& form = "") {
        FetchRequest request;
        request.url = url;
        request.method = form.empty() ? "GET" : "POST";
        request.body = form;
        if (!form.empty()) request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        return fetcher.fetch(request);
    }
    FetchAnswer answer(const std::string& url, const std::string& form = "") {
        const FetchResult result = ask(url, form);
        if (const auto* fault = std::get_if<FetchFault>(&result)) FAIL(fault->words);
        return std::get<FetchAnswer>(result);
    }
    Json json(const std::string& url, const std::string& form = "") { return Json::parse(answer(url, form).body); }
};

} // namespace

TEST_CASE("the document names the issuer and every endpoint, at both of its places") {
    Provided at;
    for (const char* path : {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"}) {
        const Json document = at.json(at.provider.url() + path);
        CHECK(document.at("issuer") == at.provider.url());
        CHECK(document.at("jwks_uri") == at.provider.keysUrl());
        CHECK(document.at("introspection_endpoint") == at.provider.introspectionUrl());
        CHECK(document.at("token_endpoint") == at.provider.tokenUrl());
    }
    CHECK_THAT(at.provider.url(), Catch::StartsWith("http://127.0.0.1:"));
}

TEST_CASE("the keys are those that were published last") {
    Provided at;
    at.provider.publish(R"({"keys":[]})");
    CHECK(at.answer(at.provider.keysUrl()).body == R"({"keys":[]})");
    at.provider.publish(R"({"keys":[1]})");
    const FetchAnswer answer = at.answer(at.provider.keysUrl());
    CHECK(answer.body == R"({"keys":[1]})");
    CHECK(answer.status == 200);
    CHECK(answer.contentType == "application/json");
}

TEST_CASE("introspection says what is known of a token, and of others that they are not active") {
    Provided at;
    at.provider.know("a token+1", R"({"active":true})");
    struct Row {
        const char* form;
        bool isActive;
    };
    for (const Row& row :
         {Row{"token=a+token%2B1", true}, Row{"token_type_hint=access_token&token=a%20token%2B1", true},
          Row{"token=other", false}, Row{"my_token=a+token%2B1", false}, Row{"token=", false}, Row{"token=%zz", false},
          Row{"&", false}})
        CHECK(at.json(at.provider.introspectionUrl(), row.form) == Json{{"active", row.isActive}});
}

TEST_CASE("an exchange is refused until there is something to give") {
    Provided at;
    const FetchAnswer refused = at.answer(at.provider.tokenUrl(), "a=b");
    CHECK(refused.status == 400);
    CHECK(Json::parse(refused.body).at("error") == "invalid_target");
    at.provider.giveInExchange("for the backend");
    const Json given = at.json(at.provider.tokenUrl(), "a=b");
    CHECK(given.at("access_token") == "for the backend");
    CHECK(given.at("token_type") == "Bearer");
    CHECK(given.at("issued_token_type") == "urn:ietf:params:oauth:token-type:access_token");
    at.provider.giveInExchange("");
    CHECK(at.answer(at.provider.tokenUrl(), "a=b").status == 400);
}

TEST_CASE("a provider is as well as it is told to be, at every URL") {
    Provided at;
    at.provider.publish(R"({"keys":[]})");
    for (const std::string& url : {at.provider.keysUrl(), at.provider.introspectionUrl(), at.provider.tokenUrl(),
                                   at.provider.url() + "/.well-known/openid-configuration"}) {
        INFO(url);
        at.provider.setHealth(Health::failing);
        CHECK(at.answer(url).status == 500);
        at.provider.setHealth(Health::garbage);
        CHECK(at.answer(url).status == 200);
        CHECK_THAT(at.answer(url).body, Catch::StartsWith("<!doctype html>"));
        at.provider.setHealth(Health::gone);
        CHECK(std::holds_alternative<FetchFault>(at.ask(url)));
        at.provider.setHealth(Health::well);
        CHECK(Json::parse(at.answer(url).body).is_object());
    }
}

TEST_CASE("the words for each health are different") {
    CHECK(wordsFor(Health::well) == std::string("is well"));
    CHECK(wordsFor(Health::failing) == std::string("answers with HTTP 500"));
    CHECK(wordsFor(Health::garbage) == std::string("answers with a page"));
    CHECK(wordsFor(Health::gone) == std::string("closes every connection"));
}

TEST_CASE("requests are counted, those for the trap by themselves") {
    Provided at;
    at.provider.setTrap("the trap");
    CHECK(at.provider.asked() == 0);
    at.answer(at.provider.keysUrl());
    at.answer(at.provider.tokenUrl(), "a=b");
    CHECK(at.provider.asked() == 2);
    CHECK(at.provider.trapped() == 0);
    CHECK(at.answer(at.provider.trapUrl()).body == "the trap");
    CHECK(at.provider.asked() == 2);
    CHECK(at.provider.trapped() == 1);
    at.provider.setHealth(Health::gone);
    at.ask(at.provider.keysUrl());
    CHECK(at.provider.asked() >= 3);
}

TEST_CASE("two providers have an address each") {
    Provided one, other;
    CHECK(one.provider.url() != other.provider.url());
    one.provider.publish("1");
    other.provider.publish("2");
    CHECK(one.answer(one.provider.keysUrl()).body == "1");
}
