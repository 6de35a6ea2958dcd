#include "validator_house.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "server.hpp"
#include "support/counting_observer.hpp"
#include "support/kept_log.hpp"
#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

// A house in a folder of its own; `dropped` and `told` are what plugins say.
struct Site {
    explicit Site(std::vector<std::string> validators, const std::string& tokens = "") {
        config.plugins.dir = TEST_LIBRARIES "/gatehouse";
        config.auth.validator = std::move(validators);
        config.auth.validators["api_key"] = {{"key", "the-key-of-forty-characters-for-the-tests"}};
        config.auth.tokenFile = tokens.empty() ? folder.file("none.yaml") : folder.write("t.yaml", tokens);
    }
    ValidatorHouse& house() {
        if (!house_)
            house_.emplace(config, ValidatorHouse::Place{folder.path(), "./gh"}, clock, log.log, observer,
                           ValidatorHouse::Events{[this](std::string_view key) { dropped = key; },
                                                  [this](Change, std::string_view uri) { told = uri; }});
        return *house_;
    }
    Verdict ask(const std::string& token) {
        return house().validator()->validate({token, "Bearer", "POST", "", "", "", sha256(token), {}});
    }
    ScratchFolder folder;
    TurnableClock clock;
    KeptLog log;
    CountingObserver observer;
    Config config;
    std::string dropped, told;

private:
    std::optional<ValidatorHouse> house_;
};

std::string subjectOf(const Verdict& verdict) {
    const auto* yes = std::get_if<Accepted>(&verdict);
    return yes ? yes->identity.subject : "";
}

const std::string oneToken = "tokens:\n" + listItem("a", "secret", "  note: alice\n");

} // namespace

TEST_CASE("tokens of the file are judged as soon as the house is open") {
    Site site({"static_file"}, oneToken);
    CHECK(site.house().validator() == nullptr);
    site.house().open();
    CHECK(subjectOf(site.ask("secret")) == "alice");
    CHECK(subjectOf(site.ask("wrong")).empty());
    REQUIRE(site.house().tokens() != nullptr);
}

TEST_CASE("a token file that is needed and not there is told with what to do") {
    Site site({"static_file"});
    CHECK_THROWS_AS(site.house().open(), StartRefused);
    Site again({"api_key", "static_file"});
    CHECK_THROWS_WITH(again.house().open(), Catch::StartsWith("Token file not found: " + again.config.auth.tokenFile) &&
                                                Catch::Contains("./gh token add --token-file "));
    Site renamed({"ours"});
    renamed.config.auth.validators["ours"] = {{"plugin", "static_file"}};
    CHECK_THROWS_AS(renamed.house().open(), StartRefused);
}

TEST_CASE("a validator that needs no token file is made without one, and nobody has a token then") {
    Site site({"api_key"});
    site.house().open();
    CHECK(site.house().tokens() == nullptr);
    CHECK(subjectOf(site.ask("the-key-of-forty-characters-for-the-tests")) == "api-key");
    CHECK(std::holds_alternative<TokenUnknown>(site.house().hostPort().findToken(sha256("secret"))));
}

TEST_CASE("a token file that is there is read, whoever asks") {
    Site site({"api_key"}, oneToken);
    site.house().open();
    CHECK(std::holds_alternative<TokenRecord>(site.house().hostPort().findToken(sha256("secret"))));
    Site broken({"api_key"}, "tokens: [\n");
    CHECK_THROWS_AS(broken.house().open(), TokenFileError);
}

TEST_CASE("several validators are asked as a chain") {
    Site site({"static_file", "api_key"}, oneToken);
    site.house().open();
    CHECK(subjectOf(site.ask("secret")) == "alice");
    const Verdict other = site.ask("the-key-of-forty-characters-for-the-tests");
    REQUIRE(std::holds_alternative<Rejected>(other)); // unknown is refused, and not handed on
    CHECK(std::get<Rejected>(other).detail.rfind("static_file: ", 0) == 0);
}

TEST_CASE("plugins may ask the house: for other validators, the resource, and to forget") {
    Site site({"static_file"}, oneToken);
    site.config.http.publicUrl = "https://mcp.example";
    site.house().open();
    HostPort& port = site.house().hostPort();
    CHECK(port.resourceUrl == "https://mcp.example/mcp");
    TokenValidator& other = port.validator("api_key");
    CHECK(&port.validator("api_key") == &other);
    CHECK(&port.validator("static_file") == site.house().validator());
    CHECK_THROWS_AS(port.validator("none"), PluginRefused);
    port.dropVerdicts("alice");
    port.notify(Change::resource, "test://a");
    CHECK(site.dropped == "alice");
    CHECK(site.told == "test://a");
    const FetchResult refused = port.fetch({"http://mcp.example/"});
    CHECK(std::holds_alternative<FetchFault>(refused));
}

TEST_CASE("a library with another sum than its pin is refused") {
    Site site({"api_key"});
    site.config.plugins.pins["gatehouse_validator_api_key.so"] = std::string(64, 'a');
    CHECK_THROWS_AS(site.house().open(), PluginRefused);
}

TEST_CASE("settings that a validator refuses are told") {
    Site site({"api_key"});
    site.config.auth.validators["api_key"] = {{"kee", "x"}};
    CHECK_THROWS_WITH(site.house().open(), Catch::Contains("kee: unknown key"));
}
