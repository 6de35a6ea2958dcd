#include "admin/openapi.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "admin/token_endpoints.hpp"
#include "support/token_api_site.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;

TEST_CASE("every endpoint is described, with what it takes and answers") {
    const Json api = Json::parse(openApiText("https://h", {"read:tasks"}));
    CHECK(api["openapi"] == "3.1.0");
    CHECK(api["servers"][0]["url"] == "https://h");
    CHECK(api["components"]["schemas"]["TokenRequest"]["properties"]["scopes"]["items"]["enum"] == Json{"read:tasks"});
    std::size_t operations = 0;
    for (const auto& path : api["paths"].items()) operations += path.value().size();
    CHECK(operations == tokenEndpoints().size());
    const std::string text = api.dump(), mark = "#/components/schemas/";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const std::size_t from = at + mark.size();
        CHECK(api["components"]["schemas"].contains(text.substr(from, text.find('"', from) - from)));
    }
}

TEST_CASE("what the API answers is what its description says") {
    const Json schemas = Json::parse(openApiText("", {}))["components"]["schemas"];
    TokenApiSite site;
    const Json made = site.made(site.alice);
    std::set<std::string> described;
    const Json properties = schemas["NewToken"]["properties"], required = schemas["NewToken"]["required"];
    for (const auto& property : properties.items()) described.insert(property.key());
    for (const auto& member : made.items()) CHECK(described.count(member.key()) == 1);
    for (const Json& name : required) CHECK(made.contains(name.get<std::string>()));
}
