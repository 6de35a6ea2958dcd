#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/string_console.hpp"
#include "tokens/checked_token.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

struct Site : StringConsole {
    // The text of a token that was made.
    std::string add(const std::string& note) {
        const std::string said = run(cli::token, {"add", "--token-note", note, "--token-expiry", "30d"}).out;
        const std::size_t at = said.find("Token: ") + 7;
        return said.substr(at, said.find('\n', at) - at);
    }
    std::string idOf(const std::string& text) const {
        for (const TokenEntry& entry : TokenFile(tokens).read())
            if (entry.digest == sha256(text)) return entry.record.id;
        return "";
    }
};

} // namespace

TEST_CASE("tokens of ours are found with file, line and state; nothing else is, and no text is printed") {
    Site at;
    const std::string live = at.add("live"), gone = at.add("gone"), foreign = newCheckedToken("gth_");
    const std::string goneId = at.idOf(gone);
    at.run(cli::token, {"remove", goneId});
    std::filesystem::create_directories(at.folder.path() / "src/deep");
    at.folder.write("src/one.env", "a\nTOKEN=" + live + "\n\nOLD=" + gone + "\n");
    at.folder.write("src/deep/two.txt",
                    std::string(3'000'000, 'x') + "\n" + foreign + "\ngth_" + std::string(40, 'A') + "\n");
    const auto said = at.run(cli::token, {"scan", at.folder.file("src")});
    CHECK(said.code == cli::failed);
    const std::string one = at.folder.file("src/one.env"), two = at.folder.file("src/deep/two.txt");
    CHECK(said.out ==
          two + ":2: - unknown\n" + one + ":2: " + at.idOf(live) + " active\n" + one + ":4: " + goneId + " revoked\n");
    for (const std::string& text : {live, gone, foreign}) CHECK(said.out.find(text) == std::string::npos);
}

TEST_CASE("a token is found wherever it stands in a large file") {
    Site at;
    const std::string text = at.add("live");
    for (const std::size_t before :
         {(1UL << 20) - 45, (1UL << 20) - 20, 1UL << 20, (1UL << 20) + 30, (2UL << 20) - 44}) {
        at.folder.write("large", std::string(before, '\n') + text);
        const auto said = at.run(cli::token, {"scan", at.folder.file("large")});
        CHECK(said.out ==
              at.folder.file("large") + ":" + std::to_string(before + 1) + ": " + at.idOf(text) + " active\n");
    }
}

TEST_CASE("clean is 0; what is asked for is revoked") {
    Site at;
    const std::string text = at.add("live");
    at.folder.write("clean", "nothing here");
    CHECK(at.run(cli::token, {"scan", at.folder.file("clean")}).code == cli::done);
    CHECK(at.run(cli::token, {"scan", at.folder.file("none")}).wrongUse.find("no such file or folder") !=
          std::string::npos);
    at.folder.write("leak", text);
    const auto said = at.run(cli::token, {"scan", "--revoke", at.folder.file("clean"), at.folder.file("leak")});
    CHECK(said.out.find("Revoked 1 token(s)\n") != std::string::npos);
    CHECK(TokenFile(at.tokens).read().empty());
}

TEST_CASE("the document's form is found by what the store has, and others of the form are not") {
    Site at;
    const std::string said = at.run(cli::compatForm, {"-add-token", "-token-note", "n", "-token-expiry", "30d"}).out;
    const std::size_t from = said.find("Token: ") + 7;
    const std::string text = said.substr(from, said.find('\n', from) - from);
    REQUIRE(text.size() == 44);
    at.folder.write("one", "a\nkey: " + text + "\nother: O9ms9jqTfUdy-DIjvpFWeqd_yH_NEj7me0mgOnOjGdQ=\n");
    const auto found = at.run(cli::token, {"scan", at.folder.file("one")});
    CHECK(found.out == at.folder.file("one") + ":2: " + at.idOf(text) + " active\n");
}
