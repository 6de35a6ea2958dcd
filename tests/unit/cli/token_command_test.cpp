// token list and remove, and the forms of the document. Adding: token_add_test.cpp.
#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using test::listItem;
using test::StringConsole;

namespace {

const std::string document =
    "tokens:\n"
    "- id: token-1234567890\n  hash: b3f805a4c2e7d9f1a8b6c3e2d5f4a1b9c8e7d6f5a4b3c2e1d9f8a7b6c5e4d3f2\n  note: "
    "Production API\n"
    "  created_at: \"2024-10-30T10:15:30Z\"\n  expires_at: \"2025-10-30T10:15:30Z\"\n"
    "- id: token-9876543210\n  hash: 7a2f19d8e2e7d9f1a8b6c3e2d5f4a1b9c8e7d6f5a4b3c2e1d9f8a7b6c5e4d3f2\n  note: "
    "Development\n"
    "  created_at: \"2024-10-15T14:20:15Z\"\n  database: staging\n";

std::string idsIn(const std::string& file) {
    std::string ids;
    for (const TokenEntry& entry : TokenFile(file).read()) ids += entry.record.id + " ";
    return ids;
}

// Without empty lines, which the document does not show.
std::string dense(std::string text) {
    for (std::size_t at = text.find("\n\n"); at != std::string::npos; at = text.find("\n\n")) text.erase(at, 1);
    return text;
}

} // namespace

TEST_CASE("tokens are listed as the document shows them") {
    const StringConsole at;
    at.folder.write("gatehouse-tokens.yaml", document);
    const auto said = at.run(cli::token, {"list"});
    CHECK(said.code == cli::done);
    CHECK(said.err.empty());
    CHECK(dense(said.out) ==
          "API Tokens:\n===========\n"
          "ID: token-1234567890\nNote: Production API\nHash (first 12 chars): b3f805a4c...\n"
          "Created: 2024-10-30 10:15:30\nExpires: 2025-10-30 10:15:30\nStatus: Valid\n"
          "ID: token-9876543210\nNote: Development\nDatabase: staging\nHash (first 12 chars): 7a2f19d8e...\n"
          "Created: 2024-10-15 14:20:15\nExpires: Never\nStatus: Valid\n"
          "Total tokens: 2\n");
}

TEST_CASE("an expired token is listed as one") {
    StringConsole at;
    at.folder.write("gatehouse-tokens.yaml", document);
    at.clock.jumpWall(std::chrono::hours(24 * 365));
    const auto said = at.run(cli::token, {"list"});
    CHECK(said.out.find("Expires: 2025-10-30 10:15:30\nStatus: Expired\n") != std::string::npos);
    CHECK(said.out.find("Expires: Never\nStatus: Valid\n") != std::string::npos);
}

TEST_CASE("no tokens is no error") {
    const StringConsole at;
    CHECK(at.run(cli::token, {"list"}).out == "No tokens found.\n");
    CHECK(at.run(cli::token, {"list"}).code == cli::done);
    at.folder.write("gatehouse-tokens.yaml", "tokens: []\n");
    CHECK(at.run(cli::token, {"list"}).out == "No tokens found.\n");
}

TEST_CASE("a broken file is told with its line, by every command") {
    const StringConsole at;
    at.folder.write("gatehouse-tokens.yaml", "tokens:\n- id: a\n");
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"list"}, {"remove", "a"}, {"add", "-token-note=n", "-token-expiry=1d"}}) {
        DYNAMIC_SECTION(words[0]) {
            const auto said = at.run(cli::token, words);
            CHECK(said.code == cli::failed);
            CHECK(said.err.rfind("ERROR: " + at.tokens + ":2: hash: expected the SHA-256", 0) == 0);
            CHECK(said.out.empty());
        }
    }
}

TEST_CASE("a token is removed by its id or by eight or more digits of its hash") {
    for (const char* what : {"token-1234567890", "b3f805a4", "b3f805a4c2", "B3F805A4C2",
                             "b3f805a4c2e7d9f1a8b6c3e2d5f4a1b9c8e7d6f5a4b3c2e1d9f8a7b6c5e4d3f2"}) {
        DYNAMIC_SECTION(what) {
            const StringConsole at;
            at.folder.write("gatehouse-tokens.yaml", document);
            const auto said = at.run(cli::token, {"remove", what});
            CHECK(said.code == cli::done);
            CHECK(said.out == "Token removed successfully: token-1234567890\n");
            CHECK(idsIn(at.tokens) == "token-9876543210 ");
        }
    }
}

TEST_CASE("E06g: what names no token, or more than one, removes nothing, and is told with where was looked") {
    struct Row {
        const char* what;
        const char* word;
        const char* told;
    };
    for (const Row& row :
         std::vector<Row>{{"an unknown id", "token-1111111111", "Token not found: token-1111111111\n"},
                          {"the beginning of an id", "token-12345", "Token not found: token-12345\n"},
                          {"seven digits of a hash", "b3f805a",
                           "Token not found: b3f805a\nA hash prefix needs at least 8 characters.\n"},
                          {"digits from within a hash", "f805a4c2e7", "Token not found: f805a4c2e7\n"},
                          {"nothing", "", "Token not found: \nA hash prefix needs at least 8 characters.\n"},
                          {"a prefix of two", "aaaaaaaa",
                           "More than one token begins like that, nothing was removed: one, two\n"}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write("gatehouse-tokens.yaml", document + "- id: one\n  hash: " + std::string(64, 'a') +
                                                         "\n- id: two\n  hash: " + std::string(63, 'a') + "b\n");
            const std::string before = test::readText(at.tokens);
            const auto said = at.run(cli::token, {"remove", row.word});
            CHECK(said.code == cli::failed);
            const std::string place = "Looked in " + at.tokens + "; --token-file or --config names another.\n";
            const bool found = std::string(row.told).rfind("More than one", 0) == 0;
            CHECK(said.err == row.told + (found ? "" : place));
            CHECK(said.out.empty());
            CHECK(test::readText(at.tokens) == before);
        }
    }
}

TEST_CASE("removing from a file that is not there is an error") {
    const StringConsole at;
    const auto said = at.run(cli::token, {"remove", "token-1"});
    CHECK(said.code == cli::failed);
    CHECK(said.err == "ERROR: " + at.tokens + ": no such file; --token-file or --config names another\n");
}

TEST_CASE("the token file is the flag's, then that of the settings, then the one beside the executable") {
    const StringConsole at;
    for (const char* name : {"flag.yaml", "settings.yaml", "gatehouse-tokens.yaml"})
        at.folder.write(name, "tokens:\n" + listItem(name, name));
    const auto ids = [&](const std::vector<std::string>& words) {
        const std::string out = at.run(cli::token, words).out;
        return out.substr(out.find("ID: ") + 4, out.find("\nNote") - out.find("ID: ") - 4);
    };
    CHECK(ids({"list"}) == "gatehouse-tokens.yaml");
    at.folder.write("gatehouse.yaml", "http: {auth: {token_file: '" + at.folder.file("settings.yaml") + "'}}\n");
    CHECK(ids({"list"}) == "settings.yaml");
    CHECK(ids({"list", "--token-file", at.folder.file("flag.yaml")}) == "flag.yaml");
}

TEST_CASE("help and wrong use of token") {
    const StringConsole at;
    CHECK(at.run(cli::token, {"--help"}).code == cli::done);
    CHECK(at.run(cli::token, {"--help"}).out.rfind("Usage: gatehouse token add", 0) == 0);
    CHECK(at.run(cli::token, {}).code == cli::wrongUse);
    const std::string all =
        "token: expected one of add, list, show, rotate, suspend, resume, remove, derive, scan, import, got ";
    CHECK(at.run(cli::token, {"ad"}).wrongUse == all + "\"ad\"");
    CHECK(at.run(cli::token, {"lists"}).wrongUse == all + "\"lists\"");
    CHECK(at.run(cli::token, {"remove"}).wrongUse == "token remove: expected an id or a hash prefix");
    CHECK(at.run(cli::token, {"scan"}).wrongUse == "token scan: expected a path");
    CHECK_FALSE(std::filesystem::exists(at.tokens));
}

TEST_CASE("E06a: what would be ignored is refused, and named") {
    struct Row {
        StringConsole::Command command;
        std::vector<std::string> words;
        const char* told;
    };
    const auto taken = [](const std::string& flag, const std::string& name) {
        return "--" + flag + " does not apply to " + name + ", which takes --";
    };
    for (const Row& row : std::vector<Row>{
             {cli::token, {"remove", "a", "b"}, "token remove takes no further words, got \"b\""},
             {cli::token, {"list", "all"}, "token list takes no further words, got \"all\""},
             {cli::token, {"add", "now"}, "token add takes no further words, got \"now\""},
             {cli::compatForm, {"-add-token", "x"}, "-add-token takes no further words, got \"x\""},
             {cli::compatForm, {"-remove-token", "a", "b"}, "-remove-token takes no further words, got \"b\""},
             {cli::compatForm, {"-list-tokens", "-add-token"}, "--list-tokens does not apply to -add-token"},
             {cli::compatForm, {"-list-tokens", "-remove-token=a"}, "--remove-token does not apply to -list-tokens"},
             {cli::compatForm, {"-add-token", "-remove-token", "a"}, "--remove-token does not apply to -add-token"},
             {cli::token, {"list", "-add-token"}, "--add-token does not apply to token list"},
             {cli::token, {"list", "--token-note=n"}, "--token-note does not apply to token list"},
             {cli::token, {"remove", "a", "--token-expiry=1d"}, "--token-expiry does not apply to token remove"},
             {cli::compatForm,
              {"-remove-token=a", "-token-database=d"},
              "--token-database does not apply to -remove-token"},
             {cli::token, {"add", "--addr=:1"}, "--addr does not apply to token add"},
             {cli::token, {"list", "--no-auth"}, "--no-auth does not apply to token list"}}) {
        DYNAMIC_SECTION(row.told) {
            const StringConsole at;
            at.folder.write("gatehouse-tokens.yaml", document);
            const auto said = at.run(row.command, row.words, "n\n1d\n");
            CHECK(said.wrongUse.rfind(row.told, 0) == 0);
            CHECK(said.out.empty());
            CHECK(test::readText(at.tokens) == document);
        }
    }
    const StringConsole at;
    CHECK(at.run(cli::token, {"list", "--tls"}).wrongUse ==
          taken("tls", "token list") + "config, --token-file, --owner, --expiring, --json");
}

TEST_CASE("E06b: who asks for help anywhere gets it, and nothing is asked or done") {
    for (const char* asked : {"-help", "--help"})
        for (const std::vector<std::string>& before :
             std::vector<std::vector<std::string>>{{"-add-token"},
                                                   {"-remove-token", "token-1234567890"},
                                                   {"-list-tokens", "-add-token", "x"},
                                                   {"-add-token", "--bogus"}}) {
            std::vector<std::string> words = before;
            words.push_back(asked);
            const StringConsole at;
            at.folder.write("gatehouse-tokens.yaml", document);
            for (const auto command : {cli::compatForm, cli::token}) {
                const auto said = at.run(command, words);
                CHECK(said.code == cli::done);
                CHECK(said.wrongUse.empty());
                CHECK(said.out.rfind("Usage: gatehouse token add", 0) == 0);
            }
            CHECK(test::readText(at.tokens) == document);
        }
}

TEST_CASE("E06d: what a token file says is shown without steering the terminal") {
    const StringConsole at;
    at.folder.write("gatehouse-tokens.yaml", "tokens:\n" + listItem("\"a\\e[2J\"", "1",
                                                                    "  note: \"x\\u009b31m\\u202egpj\\u2066\\ny\"\n"
                                                                    "  database: \"d\\u200b\"\n"));
    const std::string out = at.run(cli::token, {"list"}).out;
    CHECK(out.find("\nID: a\\x1b[2J\nNote: x\\u009b31m\\u202egpj\\u2066\\x0ay\nDatabase: d\\u200b\n") !=
          std::string::npos);
    CHECK(at.run(cli::token, {"remove", "no\x1b[2Jsuch"}).err.find('\x1b') == std::string::npos);
    const std::string removed = at.run(cli::token, {"remove", hex(sha256("1"))}).out;
    CHECK(removed == "Token removed successfully: a\\x1b[2J\n");
}

TEST_CASE("U07: a token that is removed is remembered as removed, outside of the tokens") {
    const StringConsole at;
    at.folder.write("gatehouse-tokens.yaml", document);
    REQUIRE(at.run(cli::token, {"remove", "token-1234567890"}).code == cli::done);
    const auto content = parseTokenFile(test::readText(at.tokens), at.tokens, at.clock.wall());
    REQUIRE(content.gone.size() == 1);
    CHECK(content.gone[0].id == "token-1234567890");
    CHECK(content.gone[0].why == GoneToken::Why::removed);
    CHECK(content.gone[0].goneAt == at.clock.wall());
    CHECK(at.run(cli::token, {"list"}).out.find("token-1234567890") == std::string::npos);
}

TEST_CASE("E06e: a lock that is a link is refused, and nothing is written through it") {
    const StringConsole at;
    const std::string other = at.folder.write("other", "as it was");
    std::filesystem::create_symlink(other, at.tokens + ".lock");
    const auto said = at.run(cli::token, {"add", "-token-note=n", "-token-expiry=1d"});
    CHECK(said.code == cli::failed);
    CHECK(said.err.find(at.tokens + ".lock is a symbolic link") != std::string::npos);
    CHECK(said.out.empty());
    CHECK(test::readText(other) == "as it was");
    CHECK_FALSE(std::filesystem::exists(at.tokens));
}

TEST_CASE("the forms of the document do the same, with one dash or two") {
    for (const std::string dash : {"-", "--"}) {
        DYNAMIC_SECTION(dash) {
            const StringConsole at;
            const auto added = at.run(
                cli::compatForm, {dash + "add-token", dash + "token-note", "Web App", dash + "token-expiry", "90d"});
            CHECK(added.code == cli::done);
            CHECK(added.out.rfind("Token created successfully:\n", 0) == 0);
            const std::string id = idsIn(at.tokens).substr(0, 16);
            CHECK(at.run(cli::compatForm, {dash + "list-tokens"}).out.find("ID: " + id + "\nNote: Web App\n") !=
                  std::string::npos);
            CHECK(at.run(cli::compatForm, {dash + "remove-token=" + id}).out ==
                  "Token removed successfully: " + id + "\n");
            CHECK(idsIn(at.tokens).empty());
            CHECK(at.run(cli::compatForm, {dash + "remove-token", id}).code == cli::failed);
        }
    }
}

TEST_CASE("a form of the document without its value, or with an unknown flag, is wrong use") {
    const StringConsole at;
    CHECK(at.run(cli::compatForm, {"-remove-token"}).wrongUse == "--remove-token needs a value");
    CHECK(at.run(cli::compatForm, {"-add-token", "-token-nite", "x"})
              .wrongUse.rfind("unknown flag --token-nite; known here:", 0) == 0);
}
