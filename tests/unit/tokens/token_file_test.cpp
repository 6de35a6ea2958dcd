// Reading token files. Writing them: token_file_write_test.cpp.
#include "tokens/token_file.hpp"

#include <catch2/catch.hpp>

#include <vector>

#include <sys/stat.h>

#include "support/sample_tokens.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using test::listItem;
using test::mapItem;
using test::sampleTime;
using test::ScratchFolder;

namespace {

std::string complaint(const std::string& text) {
    try {
        parseTokens(text, "t.yaml");
    } catch (const TokenStoreError& fault) {
        return fault.what();
    }
    return "";
}

const std::string digits(64, 'a');

} // namespace

TEST_CASE("the list form is read with all its fields") {
    const auto entries =
        parseTokens("tokens:\n" +
                        listItem("token-1", "one",
                                 "  note: Production API\n  created_at: \"2024-10-30T10:15:30Z\"\n"
                                 "  expires_at: \"2025-10-30T12:15:30+02:00\"\n  database: staging\n") +
                        listItem("token-2", "two"),
                    "t.yaml");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].record.id == "token-1");
    CHECK(entries[0].digest == sha256("one"));
    CHECK(entries[0].record.note == "Production API");
    CHECK(entries[0].record.createdAt == sampleTime);
    CHECK(entries[0].record.expiresAt == sampleTime + std::chrono::hours(365 * 24));
    CHECK(entries[0].record.database == "staging");
    CHECK(entries[1].record.id == "token-2");
    CHECK(entries[1].record.note.empty());
    CHECK(entries[1].record.createdAt == WallTime{});
    CHECK(entries[1].record.expiresAt == never);
    CHECK(entries[1].record.database.empty());
}

TEST_CASE("the map form is read with all its fields") {
    const auto entries = parseTokens(
        "tokens:\n" +
            mapItem("token-1", "one", "    annotation: Production API\n    expires_at: null\n    database: staging\n") +
            mapItem("token-2", "two", "    note: n\n    annotation: a\n"),
        "t.yaml");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].record.id == "token-1");
    CHECK(entries[0].record.note == "Production API");
    CHECK(entries[0].record.expiresAt == never);
    CHECK(entries[0].record.database == "staging");
    CHECK(entries[1].digest == sha256("two"));
    CHECK(entries[1].record.note == "n");
}

TEST_CASE("a token that never expires may say so in several ways") {
    for (const char* line : {"", "  expires_at: null\n", "  expires_at:\n", "  expires_at: never\n",
                             "  expires_at: Never\n", "  expires_at: \"\"\n", "  expires_at: ~\n"}) {
        DYNAMIC_SECTION('"' << line << '"') {
            CHECK(parseTokens("tokens:\n" + listItem("a", "a", line), "t.yaml").at(0).record.expiresAt == never);
        }
    }
}

TEST_CASE("no tokens is a set like any other") {
    CHECK(parseTokens("tokens: []\n", "t.yaml").empty());
    CHECK(parseTokens("tokens: {}\n", "t.yaml").empty());
    CHECK(parseTokens("other: 1\ntokens: []\n", "t.yaml").empty());
}

TEST_CASE("a hash may be written in capitals, and an id as a number") {
    const auto entries = parseTokens("tokens:\n- id: 7\n  hash: " + std::string(64, 'A') + "\n", "t.yaml");
    CHECK(entries.at(0).record.id == "7");
    CHECK(hex(entries.at(0).digest) == digits);
}

TEST_CASE("what is wrong is told with its line") {
    struct Row {
        const char* what;
        std::string text;
        const char* told;
    };
    for (const Row& row : std::vector<Row>{
             {"an empty file", "", "t.yaml:1: the file is empty; \"tokens: []\" is the empty set"},
             {"only blanks", " \n\t\n", "t.yaml:1: the file is empty"},
             {"only a comment", "# nothing\n", "t.yaml:1: expected \"tokens:\""},
             {"no map", "- a\n", "t.yaml:1: expected \"tokens:\" with a list or a map of tokens"},
             {"another key", "token: []\n", "t.yaml:1: expected \"tokens:\""},
             {"nothing after tokens", "x: 1\ntokens:\n",
              "t.yaml:2: tokens: expected a list or a map (\"tokens: []\" for none)"},
             {"a text for tokens", "tokens: abc\n", "t.yaml:1: tokens: expected a list or a map"},
             {"broken YAML", "tokens:\n- id: [\n", "t.yaml:3: "},
             {"half of a file", "tokens:\n- id: \"tok", "t.yaml:2: "},
             {"a token that is a text", "tokens:\n- abc\n",
              "t.yaml:2: a token must be a map with id, hash, note, created_at, expires_at"},
             {"no id", "tokens:\n- hash: " + digits + "\n", "t.yaml:2: id: missing"},
             {"an empty id", "tokens:\n- id: \"\"\n  hash: " + digits + "\n", "t.yaml:2: id: missing"},
             {"an empty name", "tokens:\n  \"\":\n    hash: " + digits + "\n", "t.yaml:3: id: missing"},
             {"no hash", "tokens:\n- id: a\n", "t.yaml:2: hash: expected the SHA-256 of the token as 64 hex digits"},
             {"a hash that is cut", "tokens:\n- id: a\n  hash: abc\n", "t.yaml:3: hash: expected the SHA-256"},
             {"the token itself for its hash",
              "tokens:\n- id: a\n  hash: O9ms9jqTfUdy-DIjvpFWeqd_yH_NEj7me0mgOnOjGdQ=\n", "t.yaml:3: hash: expected"},
             {"a hash that is a list", "tokens:\n- id: a\n  hash: [1]\n", "t.yaml:3: hash: expected a string"},
             {"a time that is none", "tokens:\n" + listItem("a", "a", "  expires_at: tomorrow\n"),
              "t.yaml:4: expires_at: expected a time such as 2025-10-30T10:15:30Z, got \"tomorrow\""},
             {"a day that is none", "tokens:\n" + listItem("a", "a", "  expires_at: \"2025-02-29T00:00:00Z\"\n"),
              "t.yaml:4: expires_at: expected a time"},
             {"a creation that is none", "tokens:\n" + listItem("a", "a", "  note: x\n  created_at: 2025\n"),
              "t.yaml:5: created_at: expected a time such as 2025-10-30T10:15:30Z, got \"2025\""},
             {"a note that is a map", "tokens:\n" + listItem("a", "a", "  note: {a: b}\n"),
              "t.yaml:4: note: expected a string"},
             {"an id twice in a list", "tokens:\n" + listItem("a", "1") + listItem("a", "2"),
              "t.yaml:4: id: duplicate id a"},
             {"an id twice in a map", "tokens:\n" + mapItem("a", "1") + mapItem("a", "2"),
              "t.yaml:4: id: duplicate id a"},
             {"a token twice in a list", "tokens:\n" + listItem("a", "1") + listItem("b", "1"),
              "t.yaml:4: hash: duplicate token"},
             {"a token twice in a map", "tokens:\n" + mapItem("a", "1") + mapItem("b", "1"),
              "t.yaml:4: hash: duplicate token"},
             {"a token twice, once in capitals",
              "tokens:\n- id: a\n  hash: " + digits + "\n- id: b\n  hash: " + std::string(64, 'A') + "\n",
              "t.yaml:4: hash: duplicate token"},
             {"nesting without end", "tokens:\n- " + std::string(1000, '['), "t.yaml:2: nested too deeply"}}) {
        DYNAMIC_SECTION(row.what) {
            const std::string told = complaint(row.text);
            CHECK(told.substr(0, std::string(row.told).size()) == row.told);
        }
    }
}

TEST_CASE("ten thousand tokens are read, one more is refused with its line") {
    std::string text = "tokens:\n";
    for (std::size_t i = 1; i <= maxFileTokens; ++i) text += listItem("token-" + std::to_string(i), std::to_string(i));
    CHECK(parseTokens(text, "t.yaml").size() == 10'000);
    text += listItem("one-more", "one more");
    CHECK(complaint(text).rfind("t.yaml:20002: more than 10000 tokens: a file holds no more", 0) == 0);
}

TEST_CASE("a file is read, also through a link") {
    const ScratchFolder folder;
    const std::string file = folder.write("tokens.yaml", "tokens:\n" + listItem("a", "a"));
    std::filesystem::create_symlink("tokens.yaml", folder.path() / "link.yaml");
    CHECK(TokenFile(file).read().size() == 1);
    CHECK(TokenFile(folder.file("link.yaml")).read().size() == 1);
    CHECK(TokenFile(file).path() == file);
}

TEST_CASE("a file is told to be open to others when it is") {
    const ScratchFolder folder;
    const TokenFile file(folder.write("t.yaml", ""));
    CHECK(file.openToOthers().empty());
    CHECK(TokenFile(folder.file("none.yaml")).openToOthers().empty());
    for (const auto& [mode, open] : std::vector<std::pair<unsigned, bool>>{
             {0600, false}, {0400, false}, {0700, false}, {0640, true}, {0604, true}, {0620, true}, {0602, true}}) {
        DYNAMIC_SECTION("mode " << std::oct << mode) {
            std::filesystem::permissions(file.path(), static_cast<std::filesystem::perms>(mode));
            CHECK(file.openToOthers().empty() != open);
        }
    }
    std::filesystem::permissions(file.path(), static_cast<std::filesystem::perms>(0644));
    CHECK(file.openToOthers() == file.path() + ": has mode 0644, so others may read or write it; expected 0600");
}

TEST_CASE("a file that cannot be read is told with its name") {
    const ScratchFolder folder;
    SECTION("a file that is not there has a type of its own") {
        CHECK_THROWS_AS(TokenFile(folder.file("t.yaml")).read(), TokenStoreMissing);
        CHECK_THROWS_WITH(TokenFile(folder.file("t.yaml")).read(), folder.file("t.yaml") + ": no such file");
    }
    SECTION("a link to nowhere") {
        std::filesystem::create_symlink("nowhere", folder.path() / "t.yaml");
        CHECK_THROWS_AS(TokenFile(folder.file("t.yaml")).read(), TokenStoreMissing);
    }
    SECTION("a folder") {
        CHECK_THROWS_WITH(TokenFile(folder.path().string()).read(), folder.path().string() + ": is not a regular file");
    }
    SECTION("a pipe is not waited for") {
        REQUIRE(::mkfifo(folder.file("t.yaml").c_str(), 0600) == 0);
        CHECK_THROWS_WITH(TokenFile(folder.file("t.yaml")).read(), folder.file("t.yaml") + ": is not a regular file");
    }
    SECTION("a device") { CHECK_THROWS_WITH(TokenFile("/dev/zero").read(), "/dev/zero: is not a regular file"); }
    SECTION("a file too large to be one of ours") {
        std::filesystem::resize_file(folder.write("t.yaml", "tokens: []\n"), (8 << 20) + 1);
        CHECK_THROWS_WITH(TokenFile(folder.file("t.yaml")).read(), folder.file("t.yaml") + ": is larger than 8 MiB");
    }
    SECTION("a name below a file") {
        folder.write("plain", "");
        CHECK_THROWS_AS(TokenFile(folder.file("plain/t.yaml")).read(), TokenStoreError);
    }
}
