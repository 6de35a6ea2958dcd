// token add: what is asked, what is said, what is stored. The rest of the command: token_command_test.cpp.
#include <fstream>

#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

const std::string noteQuestion = "Note (e.g. \"Production API\"): ";
const std::string databaseQuestion =
    "Available databases:\n  1. main (default)\n  2. staging\nDatabase (number or name, blank for the default): ";
const std::string expiryQuestion = "Expiry (e.g. 30d, 1y, 2w, 12h, never): ";
const std::string twoDatabases =
    "backend: {settings: {databases: [{name: main, url: 'sqlite:a'}, {name: staging, url: 'sqlite:b'}]}}\n";
const std::string oneDatabase = "backend: {settings: {databases: [{name: main, url: 'sqlite:a'}]}}\n";

// What was asked: the output before the answer to the last question.
std::string asked(const std::string& out) { return out.substr(0, out.find("Token created")); }

std::string after(const std::string& text, const std::string& label) {
    const std::size_t from = text.find("\n" + label) + 1 + label.size();
    return text.substr(from, text.find('\n', from) - from);
}

TokenEntry stored(const StringConsole& at) { return TokenFile(at.tokens).read().at(0); }

} // namespace

TEST_CASE("a new token is shown once, as the document shows it, and stored as its hash") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", twoDatabases);
    const auto said = at.run(
        cli::token, {"add", "-token-note", "Production API", "-token-database", "staging", "-token-expiry", "1y"});
    CHECK(said.code == cli::done);
    CHECK(said.err.empty());
    const std::string token = after(said.out, "Token: ");
    CHECK(token.size() == 44);
    const TokenEntry entry = stored(at);
    CHECK(entry.digest == sha256(token));
    CHECK(entry.record.note == "Production API");
    CHECK(entry.record.database == "staging");
    CHECK(entry.record.createdAt == at.clock.wall());
    CHECK(entry.record.expiresAt == at.clock.wall() + std::chrono::hours(365 * 24));
    CHECK(said.out == "Token created successfully:\nToken: " + token + "\nID: " + entry.record.id +
                          "\nNote: Production API\nDatabase: staging\nExpiry: 2025-11-19 (365 days from now)\nHash "
                          "(first 12 chars): " +
                          hex(entry.digest).substr(0, 9) +
                          "...\nStore this token securely. It cannot be retrieved later.\n");
    CHECK(test::readText(at.tokens).find(token) == std::string::npos);
    CHECK(test::modeOf(at.tokens) == 0600);
}

TEST_CASE("what is not given is asked: note, database when there are several, expiry, and nothing else") {
    struct Row {
        const char* what;
        std::string settings;
        std::vector<std::string> words;
        std::string typed, asked;
    };
    const std::string all = noteQuestion + databaseQuestion + expiryQuestion;
    for (const Row& row : std::vector<Row>{
             {"nothing given, no database configured", "", {}, "n\n30d\n", noteQuestion + expiryQuestion},
             {"nothing given, one database", oneDatabase, {}, "n\n30d\n", noteQuestion + expiryQuestion},
             {"nothing given, two databases", twoDatabases, {}, "n\n\n30d\n", all},
             {"note given", twoDatabases, {"-token-note=n"}, "2\n30d\n", databaseQuestion + expiryQuestion},
             {"expiry given", twoDatabases, {"-token-expiry=30d"}, "n\nmain\n", noteQuestion + databaseQuestion},
             {"database given", twoDatabases, {"-token-database=main"}, "n\n30d\n", noteQuestion + expiryQuestion},
             {"note and expiry given", twoDatabases, {"-token-note=n", "-token-expiry=30d"}, "", ""},
             {"an empty note given", oneDatabase, {"-token-note=", "-token-expiry=30d"}, "", ""}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", row.settings);
            std::vector<std::string> words{"add"};
            words.insert(words.end(), row.words.begin(), row.words.end());
            const auto said = at.run(cli::token, words, row.typed);
            CHECK(said.code == cli::done);
            CHECK(asked(said.out) == row.asked);
        }
    }
}

TEST_CASE("a database is chosen by name, by number, or by saying nothing") {
    for (const auto& [typed, database] : std::vector<std::pair<std::string, std::string>>{
             {"", "main"}, {"1", "main"}, {"2", "staging"}, {"staging", "staging"}, {"  staging \r", "staging"}}) {
        DYNAMIC_SECTION('"' << typed << '"') {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", twoDatabases);
            CHECK(at.run(cli::token, {"add"}, "n\n" + typed + "\n30d\n").code == cli::done);
            CHECK(stored(at).record.database == database);
        }
    }
    for (const char* typed : {"0", "3", "other", "1st", "-1", "MAIN"}) {
        DYNAMIC_SECTION('"' << typed << "\" is none") {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", twoDatabases);
            CHECK(at.run(cli::token, {"add"}, "n\n" + std::string(typed) + "\n").wrongUse ==
                  "no database \"" + std::string(typed) + "\"; configured: main, staging");
            CHECK_FALSE(std::filesystem::exists(at.tokens));
        }
    }
}

TEST_CASE("without questions a token has the database it was given, or none") {
    struct Row {
        const char* what;
        std::string settings, given, database, wrongUse;
    };
    for (const Row& row : std::vector<Row>{
             {"none given: the first one when it is used", twoDatabases, "", "", ""},
             {"one that is configured", twoDatabases, "staging", "staging", ""},
             {"one that is not", twoDatabases, "stagin", "", "no database \"stagin\"; configured: main, staging"},
             {"one while none is configured", "", "later", "later", ""}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", row.settings);
            std::vector<std::string> words{"add", "-token-note=n", "-token-expiry=never"};
            if (!row.given.empty()) words.push_back("-token-database=" + row.given);
            const auto said = at.run(cli::token, words);
            CHECK(said.wrongUse == row.wrongUse);
            if (row.wrongUse.empty()) CHECK(stored(at).record.database == row.database);
            else CHECK_FALSE(std::filesystem::exists(at.tokens));
        }
    }
}

TEST_CASE("what was typed loses the blanks around it") {
    const StringConsole at;
    CHECK(at.run(cli::token, {"add"}, " \t Dev Environment \t\r\n never \n").code == cli::done);
    CHECK(stored(at).record.note == "Dev Environment");
    CHECK(stored(at).record.expiresAt == never);
}

TEST_CASE("a token that never expires says so") {
    const StringConsole at;
    const auto said = at.run(cli::token, {"add", "-token-note=CI/CD Pipeline", "-token-expiry=never"});
    CHECK(said.out.find("\nNote: CI/CD Pipeline\nExpiry: Never\n") != std::string::npos);
}

TEST_CASE("what cannot be a token is told, and nothing is stored") {
    struct Row {
        const char* what;
        std::vector<std::string> words;
        std::string typed;
        const char* told;
    };
    for (const Row& row : std::vector<Row>{
             {"months",
              {"-token-note=n", "-token-expiry=6m"},
              "",
              "expiry \"6m\": months are not directly supported, use days (180d)"},
             {"a lifetime that is none",
              {"-token-note=n"},
              "soon\n",
              "expiry \"soon\": use a number and h, d, w or y (12h, 30d, 2w, 1y), or never"},
             {"no lifetime",
              {"-token-note=n"},
              "\n",
              "expiry \"\": use a number and h, d, w or y (12h, 30d, 2w, 1y), or never"},
             {"no time at all", {"-token-note=n", "-token-expiry=0d"}, "", "expiry \"0d\": must lie in the future"},
             {"a control character in the note",
              {"-token-note=a\nb", "-token-expiry=1d"},
              "",
              "the note: has a control character"},
             {"an escape sequence in the note", {}, "\x1b[31mred\n", "the note: has a control character"},
             {"a note that is too long",
              {"-token-note=" + std::string(201, 'n'), "-token-expiry=1d"},
              "",
              "the note: is longer than 200 characters"},
             {"no answer to the first question", {}, "", "the input ended before every question was answered"},
             {"no answer to the second question", {}, "n\n", "the input ended before every question was answered"}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            std::vector<std::string> words{"add"};
            words.insert(words.end(), row.words.begin(), row.words.end());
            CHECK(at.run(cli::token, words, row.typed).wrongUse == row.told);
            CHECK_FALSE(std::filesystem::exists(at.tokens));
        }
    }
}

TEST_CASE("E06c: a wrong answer is told and asked for again, three times at most") {
    struct Row {
        const char* what;
        std::string typed, asked, err, wrongUse;
    };
    const std::string soon = "expiry \"soon\": use a number and h, d, w or y (12h, 30d, 2w, 1y), or never";
    const std::string databases = "no database \"x\"; configured: main, staging";
    const std::string control = "the note: has a control character";
    const std::string again = "Database (number or name, blank for the default): ";
    for (const Row& row : std::vector<Row>{
             {"an expiry", "n\n\nsoon\n1d\n", noteQuestion + databaseQuestion + expiryQuestion + expiryQuestion,
              soon + "\n", ""},
             {"a database", "n\nx\nx\nmain\n1d\n", noteQuestion + databaseQuestion + again + again + expiryQuestion,
              databases + "\n" + databases + "\n", ""},
             {"a note", "a\x1b\nn\n\n1d\n", noteQuestion + noteQuestion + databaseQuestion + expiryQuestion,
              control + "\n", ""},
             {"three times", "n\n\nsoon\nsoon\nsoon\n1d\n",
              noteQuestion + databaseQuestion + expiryQuestion + expiryQuestion + expiryQuestion,
              soon + "\n" + soon + "\n", soon},
             {"no further answer", "n\n\nsoon\n", noteQuestion + databaseQuestion + expiryQuestion + expiryQuestion,
              soon + "\n", soon}}) {
        DYNAMIC_SECTION(row.what) {
            const StringConsole at;
            at.folder.write("gatehouse.yaml", twoDatabases);
            const auto said = at.run(cli::token, {"add"}, row.typed);
            CHECK(said.wrongUse == row.wrongUse);
            CHECK(said.code == (row.wrongUse.empty() ? cli::done : -1));
            CHECK(asked(said.out) == row.asked);
            CHECK(said.err == row.err);
            CHECK(std::filesystem::exists(at.tokens) == row.wrongUse.empty());
        }
    }
}

TEST_CASE("E06h: a token that cannot be shown is taken back, and the command fails") {
    const StringConsole at;
    at.folder.write("gatehouse-tokens.yaml", "tokens:\n" + test::listItem("before", "before"));
    std::istringstream in;
    std::ostringstream err;
    std::ofstream full("/dev/full");
    const int code = cli::token({"gatehouse", at.folder.path(), in, full, err, at.clock},
                                {"add", "--token-note=n", "--token-expiry=1d"});
    CHECK(code == cli::failed);
    CHECK(err.str().find("the token could not be shown. Its entry token-") != std::string::npos);
    CHECK(err.str().find(" was taken back: there is no new token\n") != std::string::npos);
    const auto content = parseTokenFile(test::readText(at.tokens), at.tokens, at.clock.wall());
    REQUIRE(content.tokens.size() == 1);
    CHECK(content.tokens[0].record.id == "before");
    CHECK(content.gone.empty()); // nobody ever had it
}

TEST_CASE("E06d: a note is shown without steering the terminal") {
    const StringConsole at;
    const auto said = at.run(cli::token, {"add",
                                          "--token-note=a\xc2\x9b"
                                          "31m\xe2\x80\xae",
                                          "--token-expiry=1d"});
    CHECK(said.out.find("\nNote: a\\u009b31m\\u202e\n") != std::string::npos);
    CHECK(stored(at).record.note ==
          "a\xc2\x9b"
          "31m\xe2\x80\xae");
}

TEST_CASE("the longest note fits") {
    const StringConsole at;
    CHECK(at.run(cli::token, {"add", "-token-note=" + std::string(200, 'n'), "-token-expiry=1d"}).code == cli::done);
    CHECK(stored(at).record.note.size() == 200);
}

TEST_CASE("a file that cannot be written is an error, and no token is shown") {
    const StringConsole at;
    at.folder.write("plain", "");
    const auto said = at.run(
        cli::token, {"add", "-token-note=n", "-token-expiry=1d", "--token-file", at.folder.file("plain/tokens.yaml")});
    CHECK(said.code == cli::failed);
    CHECK(said.err.rfind("ERROR: ", 0) == 0);
    CHECK(said.out.find("Token:") == std::string::npos);
}

TEST_CASE("tokens added one after the other are all there") {
    const StringConsole at;
    for (int i = 0; i < 5; ++i)
        REQUIRE(at.run(cli::token, {"add", "-token-note=n" + std::to_string(i), "-token-expiry=1d"}).code == cli::done);
    const auto entries = TokenFile(at.tokens).read();
    REQUIRE(entries.size() == 5);
    CHECK(entries[4].record.note == "n4");
}
