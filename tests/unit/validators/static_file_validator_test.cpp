#include "validators/static_file/static_file_validator.hpp"

#include <catch2/catch.hpp>

#include "support/declared_settings.hpp"
#include "support/scripted_host.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using static_file::StaticFileValidator;

namespace {

struct Scene {
    ScriptedHost host;
    StaticFileValidator validator{settingsFor<StaticFileValidator>(), host};

    TokenRecord& store(WallTime expiresAt = never) {
        TokenRecord record;
        record.id = "7";
        record.expiresAt = expiresAt;
        host.stored = record;
        return std::get<TokenRecord>(host.stored);
    }
    Verdict verdict() { return validator.validate(requestWith("token")); }
};

} // namespace

TEST_CASE("a token of the store stands for its record") {
    Scene scene;
    TokenRecord& record = scene.store();
    auto yes = std::get<Accepted>(scene.verdict());
    CHECK(yes.identity.subject == "7");
    CHECK(yes.identity.tokenId == "7");
    CHECK(yes.identity.isolationKey == "7");
    CHECK(yes.identity.claimsJson.empty());
    CHECK(yes.cache.time() == CachePolicy::unlimited);
    record.note = "Anna's";
    record.database = "main";
    yes = std::get<Accepted>(scene.verdict());
    CHECK(yes.identity.subject == "Anna's");
    CHECK(yes.identity.isolationKey == "7");
    CHECK(yes.identity.claimsJson == R"({"database":"main"})");
}

TEST_CASE("a token of the store is taken up to its end and no longer kept, and refused from then on") {
    Scene scene;
    scene.store(scene.host.now() + 60s);
    CHECK(keptFor(scene.verdict(), scene.host.now()) == 60s);
    scene.host.clock.turn(60s - 1ms);
    CHECK(wordFor(scene.verdict()) == "accepted");
    scene.host.clock.turn(1ms);
    CHECK(wordFor(scene.verdict()) == "expired");
    CHECK(std::get<Rejected>(scene.verdict()).detail == "7");
}

TEST_CASE("what the store does not know is refused; while it cannot answer nothing is said") {
    Scene scene;
    CHECK(wordFor(scene.verdict()) == "unknown");
    scene.host.stored = TokenStoreDown{};
    CHECK(wordFor(scene.verdict()) == "unavailable");
}

TEST_CASE("the token file's validator asks nobody, and has no settings") {
    Scene scene;
    CHECK(scene.validator.traits().runsInline);
    CHECK(refusalOf<StaticFileValidator>({{"file", "x"}}, scene.host) != "");
}
