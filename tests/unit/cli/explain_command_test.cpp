#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "server/server.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

// Settings with one API key that has scopes, and rules.
struct Site : StringConsole {
    explicit Site(const std::string& scopes = "[read:docs]", const std::string& policy = "{}") {
        folder.write("gatehouse.yaml", "plugins: {dir: '" TEST_LIBRARIES
                                       "/gatehouse'}\n"
                                       "auth:\n"
                                       "  validator: api_key\n"
                                       "  validators: {api_key: {key: secret-word, allow_short_key: true, scopes: " +
                                           scopes + "}}\n  policy: " + policy +
                                           "\n  token_file: " + folder.file("none.yaml") + "\n");
    }
    Said explain(const std::string& typed, std::vector<std::string> words = {}) const {
        return run(cli::explain, words, typed);
    }
};

const std::string ruled = "{rules: [{tools: [db_*], prompts: [p], resources: ['test://r'], scopes: [write:db]}]}";

} // namespace

TEST_CASE("a good token is let in, with its scopes and all that they include") {
    const Site site;
    for (const char* typed : {"secret-word", "secret-word\n", "Bearer secret-word\r\n", "secret-word\nmore\n"}) {
        const Said said = site.explain(typed);
        CHECK(said.code == cli::done);
        CHECK_THAT(said.out, Catch::StartsWith("validator: api_key\nresource:  http") && Catch::Contains("/mcp\n") &&
                                 Catch::Contains("verdict:   accepted as api-key\n") &&
                                 Catch::Contains("scopes:    read:docs\n") &&
                                 Catch::Contains("with all that they include: mcp:access mcp:read read:docs\n") &&
                                 Catch::EndsWith("HTTP:      let in\n"));
        CHECK_THAT(said.out, !Catch::Contains("secret-word"));
    }
}

TEST_CASE("a bad token is refused with the exact answer, and is not printed") {
    const Said said = Site().explain("wrong-word");
    CHECK(said.code == cli::failed);
    CHECK_THAT(said.out, Catch::Contains("verdict:   rejected (unknown)\nHTTP:      401\n") &&
                             Catch::Contains("WWW-Authenticate: Bearer realm=\"gatehouse\", error=\"invalid_token\"") &&
                             Catch::Contains(R"({"error":"invalid_token",)"));
    CHECK_THAT(said.out + said.err, !Catch::Contains("wrong-word"));
}

TEST_CASE("a token of the file is explained as the server would judge it") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "plugins: {dir: '" TEST_LIBRARIES "/gatehouse'}\n");
    at.folder.write("gatehouse-tokens.yaml", "tokens:\n" + listItem("a", "good", "  note: alice\n") +
                                                 listItem("b", "late", "  expires_at: \"2020-01-01T00:00:00Z\"\n"));
    const std::vector<std::string> words{"--token-file", at.tokens};
    CHECK_THAT(at.run(cli::explain, words, "good").out, Catch::Contains("accepted as alice\nscopes:    none\n"));
    CHECK_THAT(at.run(cli::explain, words, "other").out, Catch::Contains("rejected (unknown)\n"));
    std::filesystem::remove(at.tokens);
    CHECK_THROWS_AS(at.run(cli::explain, words, "good"), UnusableConfigError);
}

TEST_CASE("E02: a token that expired or was removed is explained as that, as often as one asks, and no file changes") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "plugins: {dir: '" TEST_LIBRARIES "/gatehouse'}\n");
    const std::string text = "tokens:   # by hand\n" +
                             listItem("b", "late", "  expires_at: \"2020-01-01T00:00:00Z\"\n") + "removed:\n" +
                             goneItem("c", "gone", "removed", "2024-11-10T08:00:00Z");
    at.folder.write("gatehouse-tokens.yaml", text);
    const auto before = std::filesystem::last_write_time(at.tokens);
    for (int times = 0; times < 2; ++times) {
        const Said late = at.run(cli::explain, {"--token-file", at.tokens}, "late");
        CHECK(late.code == cli::failed);
        CHECK_THAT(late.out, Catch::Contains("verdict:   rejected (expired): b expired at 2020-01-01 00:00:00 UTC\n"));
        const Said gone = at.run(cli::explain, {"--token-file", at.tokens}, "gone");
        CHECK_THAT(gone.out, Catch::Contains("verdict:   rejected (revoked): c was removed at 2024-11-10 08:00:00 UTC "
                                             "(token not found in database)\n"));
        const std::string same = late.out.substr(late.out.find("HTTP:"));
        CHECK(gone.out.substr(gone.out.find("HTTP:")) == same); // a client reads the same, whatever the reason
    }
    CHECK(test::readText(at.tokens) == text);
    CHECK(std::filesystem::last_write_time(at.tokens) == before);
    CHECK_FALSE(std::filesystem::exists(at.tokens + ".lock"));
}

TEST_CASE("E06d: what is asked about is explained without steering the terminal") {
    const Said said = Site().explain("secret-word", {"--tool", "x\x1b[2J\xe2\x80\xae"});
    CHECK(said.out.find('\x1b') == std::string::npos);
    CHECK_THAT(said.out, Catch::Contains("policy:    x\\x1b[2J\\u202e: may be called\n"));
}

TEST_CASE("a feature is explained by the policy: 403 with what it needs") {
    struct Row {
        const char* what;
        const char* scopes;
        std::vector<std::string> words;
        const char* told; // null: may be called
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a tool", "[read:db]", {"--tool", "db_drop"}, "policy:    db_drop: needs write:db\nHTTP:      403\n"},
             {"a prompt", "[]", {"--prompt", "p"}, "policy:    p: needs write:db\nHTTP:      403\n"},
             {"a resource", "[]", {"--resource", "test://r"}, "policy:    test://r: needs write:db\nHTTP:      403\n"},
             {"a tool that may be called", "[write:db]", {"--tool", "db_drop"}, nullptr},
             {"a tool that no rule names", "[]", {"--tool", "echo"}, nullptr}}) {
        DYNAMIC_SECTION(row.what) {
            const Said said = Site(row.scopes, ruled).explain("secret-word", row.words);
            CHECK(said.code == (row.told ? cli::failed : cli::done));
            CHECK_THAT(said.out, Catch::Contains(row.told ? row.told : ": may be called\nHTTP:      let in\n"));
            if (row.told) CHECK_THAT(said.out, Catch::Contains("scope=\"write:db\""));
        }
    }
}

TEST_CASE("a token without what every call needs is 403") {
    const Said said = Site("[]", "{required_scopes: [mcp:read]}").explain("secret-word");
    CHECK(said.code == cli::failed);
    CHECK_THAT(said.out, Catch::Contains("HTTP:      403\n") && Catch::Contains("scope=\"mcp:read\""));
}

TEST_CASE("without authentication everybody is let in, and no token is asked for") {
    const Said said = Site().explain("", {"--no-auth"});
    CHECK(said.code == cli::done);
    CHECK(said.out == "authentication is off: everybody is let in\n");
}

TEST_CASE("help and wrong use of explain") {
    CHECK_THAT(Site().explain("", {"--help"}).out, Catch::StartsWith("Usage: gatehouse explain"));
    for (const char* typed : {"", "\n", "  \n"})
        CHECK(Site().explain(typed).wrongUse == "explain: expected a token on standard input");
    CHECK_FALSE(Site().explain("t", {"--tol", "x"}).wrongUse.empty());
    CHECK(Site().explain("", {"a-token"}).wrongUse == // E06a: and a token there is not repeated
          "explain takes no further words: the token is read on standard input");
}
