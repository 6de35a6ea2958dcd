#include "server/validator_runtime.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "base/digest.hpp"
#include "server/server.hpp"
#include "support/counting_telemetry.hpp"
#include "support/kept_log.hpp"
#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

// A runtime in a folder of its own; `dropped` and `told` are what plugins say.
struct Site {
    explicit Site(std::vector<std::string> validators, const std::string& tokens = "") {
        config.plugins.dir = TEST_LIBRARIES "/gatehouse";
        config.auth.validator = std::move(validators);
        config.auth.validators["api_key"] = {{"key", "the-key-of-forty-characters-for-the-tests"}};
        config.auth.tokenFile = tokens.empty() ? folder.file("none.yaml") : folder.write("t.yaml", tokens);
    }
    ValidatorRuntime& runtime() {
        if (!runtime_)
            runtime_.emplace(config, ValidatorRuntime::Origin{folder.path(), "./gh"}, clock, log.log, telemetry,
                             ValidatorRuntime::Events{[this](std::string_view key) { dropped = key; },
                                                      [this](Change, std::string_view uri) { told = uri; }});
        return *runtime_;
    }
    Verdict ask(const std::string& token) {
        return runtime().validator()->validate({token, "Bearer", "POST", "", "", "", sha256(token), {}});
    }
    ScratchFolder folder;
    TurnableClock clock;
    KeptLog log;
    CountingTelemetry telemetry;
    Config config;
    std::string dropped, told;

private:
    std::optional<ValidatorRuntime> runtime_;
};

std::string subjectOf(const Verdict& verdict) {
    const auto* yes = std::get_if<Accepted>(&verdict);
    return yes ? yes->identity.subject : "";
}

// Opens the runtime; what is wrong with its settings.
std::string opened(Site& site) {
    SettingFaults faults;
    site.runtime().open(faults);
    site.runtime().openTokens(faults);
    return faults.printed();
}

const std::string oneToken = "tokens:\n" + listItem("a", "secret", "  note: alice\n");

} // namespace

TEST_CASE("tokens of the file are judged as soon as the runtime is open") {
    Site site({"static_file"}, oneToken);
    CHECK(site.runtime().validator() == nullptr);
    REQUIRE(opened(site).empty());
    CHECK(subjectOf(site.ask("secret")) == "alice");
    CHECK(subjectOf(site.ask("wrong")).empty());
    REQUIRE(site.runtime().tokens() != nullptr);
}

TEST_CASE("a token file that is needed and not there is told with what to do") {
    Site site({"static_file"});
    CHECK_THAT(opened(site), Catch::StartsWith("ERROR: Token file not found: "));
    Site again({"api_key", "static_file"});
    CHECK_THAT(opened(again), Catch::StartsWith("ERROR: Token file not found: " + again.config.auth.tokenFile) &&
                                  Catch::Contains("./gh token add --token-file "));
    Site renamed({"ours"});
    renamed.config.auth.validators["ours"] = {{"plugin", "static_file"}};
    CHECK_THAT(opened(renamed), Catch::StartsWith("ERROR: Token file not found: "));
}

TEST_CASE("a validator that needs no token file is made without one, and nobody has a token then") {
    Site site({"api_key"});
    REQUIRE(opened(site).empty());
    CHECK(site.runtime().tokens() == nullptr);
    CHECK(subjectOf(site.ask("the-key-of-forty-characters-for-the-tests")) == "api-key");
    CHECK(std::holds_alternative<TokenUnknown>(site.runtime().hostDeps().findToken(sha256("secret"))));
}

TEST_CASE("a token file that is there is read, whoever asks") {
    Site site({"api_key"}, oneToken);
    REQUIRE(opened(site).empty());
    CHECK(std::holds_alternative<TokenRecord>(site.runtime().hostDeps().findToken(sha256("secret"))));
    Site broken({"api_key"}, "tokens: [\n");
    CHECK_THAT(opened(broken), Catch::Contains("auth.token_file: " + broken.config.auth.tokenFile + ":2: "));
}

TEST_CASE("several validators are asked as a chain") {
    Site site({"static_file", "api_key"}, oneToken);
    REQUIRE(opened(site).empty());
    CHECK(subjectOf(site.ask("secret")) == "alice");
    const Verdict other = site.ask("the-key-of-forty-characters-for-the-tests");
    REQUIRE(std::holds_alternative<Rejected>(other)); // unknown is refused, and not handed on
    CHECK(std::get<Rejected>(other).detail.rfind("static_file: ", 0) == 0);
}

TEST_CASE("plugins may ask the runtime: for other validators, the resource, and to forget") {
    Site site({"static_file"}, oneToken);
    site.config.http.publicUrl = "https://mcp.example";
    REQUIRE(opened(site).empty());
    HostDeps& deps = site.runtime().hostDeps();
    CHECK(deps.resourceUrl == "https://mcp.example/mcp");
    TokenValidator& other = deps.validator("api_key");
    CHECK(&deps.validator("api_key") == &other);
    CHECK(&deps.validator("static_file") == site.runtime().validator());
    CHECK_THROWS_AS(deps.validator("none"), PluginError);
    deps.dropVerdicts("alice");
    deps.notify(Change::resource, "test://a");
    CHECK(site.dropped == "alice");
    CHECK(site.told == "test://a");
    const FetchResult refused = deps.fetch({"http://mcp.example/"});
    CHECK(std::holds_alternative<FetchFault>(refused));
}

TEST_CASE("a library with another sum than its pin is refused") {
    Site site({"api_key"});
    site.config.plugins.pins["gatehouse_validator_api_key.so"] = std::string(64, 'a');
    CHECK_THAT(opened(site), Catch::Contains("auth.validator: ") && Catch::Contains("SHA-256 is "));
}

TEST_CASE("settings that a validator refuses are told") {
    Site site({"api_key"});
    site.config.auth.validators["api_key"] = {{"kee", "x"}};
    site.config.file = "g.yaml";
    site.config.places.set("auth.validators.api_key.kee", "g.yaml:7");
    CHECK_THAT(opened(site), Catch::StartsWith("g.yaml:7: auth.validators.api_key.kee: unknown"));
    CHECK(site.runtime().validator() == nullptr);
}

TEST_CASE("E04: all that several validators refuse is told at once, and what follows from it is not") {
    Site site({"api_key", "jwt"});
    site.config.auth.validators["api_key"] = {{"key", "short"}, {"subject", 5}, {"scops", "a"}};
    site.config.auth.validators["jwt"] = {{"secret", "short"}, {"leeway_seconds", -1}, {"audience", "a"}};
    const std::string told = opened(site);
    for (const char* part :
         {"auth.validators.api_key.key: ", "auth.validators.api_key.subject: expected a string, got 5",
          "auth.validators.api_key.scops: unknown", "auth.validators.jwt.secret: ",
          "auth.validators.jwt.leeway_seconds: expected a whole number from 0 to 300, got -1"})
        CHECK_THAT(told, Catch::Contains(part));
    CHECK(std::count(told.begin(), told.end(), '\n') == 4);
}

TEST_CASE("E04: a trial reads the token file and leaves it as it is") {
    const std::string text = oneToken + listItem("old", "late", "  expires_at: \"2020-01-01T00:00:00Z\"\n");
    Site site({"static_file"}, text);
    ValidatorRuntime trial(site.config, ValidatorRuntime::Origin{site.folder.path(), "./gh"}, site.clock, site.log.log,
                           site.telemetry, {[](std::string_view) {}, [](Change, std::string_view) {}},
                           ValidatorRuntime::Purpose::trial);
    SettingFaults faults;
    trial.open(faults);
    trial.openTokens(faults);
    CHECK(faults.empty());
    CHECK(readText(site.config.auth.tokenFile) == text);
    CHECK(std::holds_alternative<FetchFault>(trial.hostDeps().fetch({"http://127.0.0.1:1/"})));
}

TEST_CASE("E11: a member that owns every token is told of, unless it is the last") {
    struct Row {
        std::vector<std::string> names;
        const char* told; // null: nothing
    };
    for (const Row& row :
         std::vector<Row>{{{"api_key", "jwt"}, "auth.validator: api_key judges every token itself"},
                          {{"static_file", "api_key"}, "auth.validator: static_file judges every token"},
                          {{"jwt", "api_key"}, nullptr},
                          {{"jwt", "static_file"}, nullptr},
                          {{"api_key"}, nullptr}}) {
        DYNAMIC_SECTION(row.names.front() << " of " << row.names.size()) {
            Site site(row.names, oneToken);
            site.config.auth.validators["jwt"] = {{"secret", std::string(40, 's')}, {"audience", "a"}};
            REQUIRE(opened(site).empty());
            const auto told = site.runtime().shadowingMembers();
            REQUIRE(told.size() == (row.told ? 1 : 0));
            if (row.told) CHECK_THAT(told.front(), Catch::StartsWith(row.told));
        }
    }
}
