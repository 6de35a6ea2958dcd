#include "oauth/resource_metadata.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

using namespace gatehouse;
using oauth::ResourceMetadata;

namespace {

using Texts = std::vector<std::string>;

ResourceMetadata metadataOf(const char* json, Texts servers = {}, Texts scopes = {}) {
    return ResourceMetadata::from(Settings(Json::parse(json), "auth.resource"), "https://mcp.example/mcp",
                                  std::move(servers), std::move(scopes));
}

std::string complaint(const char* json) {
    try {
        metadataOf(json);
    } catch (const SettingsError& fault) {
        return fault.what();
    }
    return "";
}

} // namespace

TEST_CASE("the document stands between the host and the path of its resource") {
    struct Row {
        const char *resource, *url;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"https://mcp.example/mcp", "https://mcp.example/.well-known/oauth-protected-resource/mcp"},
             {"https://mcp.example:8443/a/mcp", "https://mcp.example:8443/.well-known/oauth-protected-resource/a/mcp"},
             {"http://[::1]:80/mcp", "http://[::1]:80/.well-known/oauth-protected-resource/mcp"},
             {"https://mcp.example", "https://mcp.example/.well-known/oauth-protected-resource"},
             {"https://mcp.example/", "https://mcp.example/.well-known/oauth-protected-resource"}}) {
        DYNAMIC_SECTION(row.resource) {
            ResourceMetadata metadata;
            metadata.resource = row.resource;
            CHECK(metadata.url() == row.url);
        }
    }
}

TEST_CASE("without authorization servers there is no document to serve") {
    CHECK_FALSE(metadataOf("{}").isServed());
    CHECK(metadataOf("{}", {"https://idp.example"}).isServed());
    CHECK(metadataOf(R"({"authorization_servers":["https://idp.example"]})").isServed());
}

TEST_CASE("the operator's own servers and scopes go before the validators'") {
    const auto own = metadataOf(R"({"authorization_servers":"https://own.example","scopes":["s"],"name":"Mine"})",
                                {"https://idp.example"}, {"r"});
    CHECK(own.authorizationServers == Texts{"https://own.example"});
    CHECK(own.scopes == Texts{"s"});
    const auto theirs = metadataOf("{}", {"https://idp.example"}, {"r"});
    CHECK(theirs.authorizationServers == Texts{"https://idp.example"});
    CHECK(theirs.scopes == Texts{"r"});
    CHECK_FALSE(metadataOf(R"({"authorization_servers":[]})", {"https://idp.example"}).isServed());
}

TEST_CASE("the document is RFC 9728's, without what is not known") {
    CHECK(Json::parse(metadataOf(R"({"name":"Mine"})", {"https://idp.example"}, {"a", "b"}).json()) ==
          Json::parse(R"({"resource":"https://mcp.example/mcp","authorization_servers":["https://idp.example"],
                          "bearer_methods_supported":["header"],"scopes_supported":["a","b"],"resource_name":"Mine"})"));
    const Json least = Json::parse(metadataOf("{}", {"https://idp.example"}).json());
    CHECK_FALSE(least.contains("scopes_supported"));
    CHECK_FALSE(least.contains("resource_name"));
}

TEST_CASE("settings of the document that cannot be meant are refused") {
    struct Row {
        const char *json, *told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"servers":[]})", "auth.resource.servers: unknown key, expected one of: authorization_servers"},
             {R"({"authorization_servers":["idp.example"]})",
              "auth.resource.authorization_servers: expected an http(s) URL, got \"idp.example\""},
             {R"({"authorization_servers":["javascript:alert"]})",
              "auth.resource.authorization_servers: expected an http(s) URL, got \"javascript:alert\""},
             {R"({"authorization_servers":[5]})",
              "auth.resource.authorization_servers: expected a list of strings, got 5"},
             {R"({"name":5})", "auth.resource.name: expected a string, got 5"}}) {
        DYNAMIC_SECTION(row.json) { CHECK_THAT(complaint(row.json), Catch::StartsWith(row.told)); }
    }
}
