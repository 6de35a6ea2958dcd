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
    CHECK(choice.place == "/a/tokens.yaml");
}

TEST_CASE("a store is a kind and a path") {
    CHECK(tokenStoreChoice(with("file:/x.yaml", "/a"), "/bin").place == "/x.yaml");
    const auto sqlite = tokenStoreChoice(with("sqlite:/var/lib/t.db"), "/bin");
    CHECK(sqlite.kind == TokenStoreChoice::Kind::sqlite);
    CHECK(sqlite.place == "/var/lib/t.db");
    for (const char* wrong : {"sqlite:", "sqlite", "/var/lib/t.db", "redis:x", ":x"})
        CHECK_THROWS_WITH(tokenStoreChoice(with(wrong), "/bin"),
                          Catch::Contains("expected file:PATH, sqlite:PATH or postgresql://"));
}

TEST_CASE("a store on a server has a name without its password, and keeps its use there") {
    const Config config = with("postgresql://me:hunter2@db.example/tokens");
    const auto choice = tokenStoreChoice(config, "/bin");
    CHECK(choice.kind == TokenStoreChoice::Kind::postgres);
    CHECK(choice.name == "postgresql://db.example:5432/tokens");
    CHECK(usageSourceOf(config, "/bin")->name() == choice.name);
    CHECK(usageSourceOf(with("sqlite:/t.db"), "/bin")->name() == "/t.db.usage");
    CHECK(usageSourceOf(with("", "/t.yaml"), "/bin")->name() == "/t.yaml.usage");
    CHECK_THROWS_WITH(tokenStoreChoice(with("mysql://me:hunter2@db/x"), "/bin"), !Catch::Contains("hunter2"));
}
