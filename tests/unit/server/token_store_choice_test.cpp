#include "server/token_store_choice.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/settings.hpp>

using namespace gatehouse;

namespace {

Config with(const std::string& store, const std::string& file = "") {
    Config config;
    config.auth.tokenStore = store;
    config.auth.tokenFile = file;
    return config;
}

} // namespace

TEST_CASE("without a store it is the token file") {
    const auto choice = tokenStoreChoice(with("", "/a/tokens.yaml"), "/bin");
    CHECK(choice.kind == TokenStoreChoice::Kind::file);
    CHECK(choice.path == "/a/tokens.yaml");
}

TEST_CASE("a store is a kind and a path") {
    CHECK(tokenStoreChoice(with("file:/x.yaml", "/a"), "/bin").path == "/x.yaml");
    const auto sqlite = tokenStoreChoice(with("sqlite:/var/lib/t.db"), "/bin");
    CHECK(sqlite.kind == TokenStoreChoice::Kind::sqlite);
    CHECK(sqlite.path == "/var/lib/t.db");
    for (const char* wrong : {"sqlite:", "sqlite", "/var/lib/t.db", "redis:x", ":x"})
        CHECK_THROWS_WITH(tokenStoreChoice(with(wrong), "/bin"), Catch::Contains("expected file:PATH or sqlite:PATH"));
}
