// token rotate, suspend, resume; removing: token_command_test.cpp.
#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"
#include "tokens/checked_token.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using test::listItem;
using test::StringConsole;

namespace {

struct Site : StringConsole {
    Site() {
        folder.write(
            "gatehouse-tokens.yaml",
            "tokens:\n" +
                listItem(
                    "a", "1",
                    "  note: First\n  created_at: \"2024-11-01T00:00:00Z\"\n  expires_at: \"2024-12-01T00:00:00Z\"\n"));
    }
    TokenEntry entry() const { return TokenFile(tokens).read().at(0); }
};

std::string textIn(const std::string& said) {
    const std::size_t at = said.find("Token: ") + 7;
    return said.substr(at, said.find('\n', at) - at);
}

} // namespace

TEST_CASE("a rotation prints the block of a new token; id and note stay") {
    const Site at;
    const auto said = at.run(cli::token, {"rotate", "a"});
    CHECK(said.code == cli::done);
    CHECK(said.out.rfind("Token rotated successfully:\nToken: gth_", 0) == 0);
    CHECK(said.out.find("ID: a\nNote: First\nExpiry: 2024-12-19 (30 days from now)\n") != std::string::npos);
    CHECK(isCheckedToken(textIn(said.out), "gth_"));
    CHECK(at.entry().digest == sha256(textIn(said.out)));
    CHECK(at.entry().generation == 2);
    CHECK_FALSE(at.entry().previous);
}

TEST_CASE("with an overlap the old text stays for a while, and a third needs a word") {
    const Site at;
    const auto said = at.run(cli::token, {"rotate", hex(sha256("1")), "--overlap", "24h"});
    CHECK(said.out.find("The text before it is valid until 2024-11-20 07:06:40 UTC\n") != std::string::npos);
    CHECK(at.entry().previous->digest == sha256("1"));
    const auto third = at.run(cli::token, {"rotate", "a"});
    CHECK(third.code == cli::failed);
    CHECK(third.err.find("ERROR: a: the text before the last rotation is valid") == 0);
    CHECK(at.run(cli::token, {"rotate", "a", "--replace"}).code == cli::done);
    for (const char* wrong : {"31d", "soon", "-1h"})
        CHECK(at.run(cli::token, {"rotate", "a", "--overlap", wrong})
                  .wrongUse.find("--overlap: expected a time up to 30d") == 0);
}

TEST_CASE("a token is held and goes on; who is not there is told so") {
    const Site at;
    CHECK(at.run(cli::token, {"suspend", "a"}).out == "Token suspended: a\n");
    CHECK(at.entry().suspendedAt);
    CHECK(at.run(cli::token, {"list"}).out.find("Status: Suspended\n") != std::string::npos);
    CHECK(at.run(cli::token, {"resume", "a"}).out == "Token resumed: a\n");
    CHECK_FALSE(at.entry().suspendedAt);
    for (const char* command : {"suspend", "resume", "rotate", "derive", "show"}) {
        const auto said = at.run(cli::token, {command, "nobody"});
        CHECK(said.code == cli::failed);
        CHECK(said.err.rfind("Token not found: nobody\n", 0) == 0);
    }
}

TEST_CASE("a reason is kept with what was removed") {
    const Site at;
    at.run(cli::token, {"remove", "a", "--reason", "found on the web"});
    const auto content = parseTokenFile(test::readText(at.tokens), at.tokens, at.clock.wall());
    CHECK(content.gone.at(0).because == "found on the web");
}
