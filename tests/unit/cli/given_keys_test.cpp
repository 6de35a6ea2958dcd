#include "cli/given_keys.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/json.hpp>

using namespace gatehouse;
using namespace gatehouse::cli;

namespace {

const std::string keys = R"({"keys":[]})";

FetchResult asked(const std::string& url, const std::string& method = "GET") {
    const Fetch fetch = fetchWithKeys(keys, [](const FetchRequest& request) -> FetchResult {
        return FetchFault{request.method + " " + request.url};
    });
    FetchRequest request;
    request.url = url;
    request.method = method;
    return fetch(request);
}
std::string bodyOf(const FetchResult& result) { return std::get<FetchAnswer>(result).body; }

} // namespace

TEST_CASE("a discovery document names the issuer that was asked for, in both forms") {
    struct Row {
        const char* url;
        const char* issuer;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"https://a.example/.well-known/openid-configuration", "https://a.example"},
             {"https://a.example/realms/x/.well-known/openid-configuration", "https://a.example/realms/x"},
             {"https://a.example/.well-known/oauth-authorization-server", "https://a.example"},
             {"https://a.example/.well-known/oauth-authorization-server/realms/x", "https://a.example/realms/x"}}) {
        DYNAMIC_SECTION(row.url) {
            const Json document = Json::parse(bodyOf(asked(row.url)));
            CHECK(document.at("issuer") == row.issuer);
            CHECK(bodyOf(asked(document.at("jwks_uri"))) == keys);
        }
    }
}

TEST_CASE("what is posted goes where it is meant to go") {
    CHECK(std::get<FetchFault>(asked("https://a.example/introspect", "POST")).words ==
          "POST https://a.example/introspect");
}
