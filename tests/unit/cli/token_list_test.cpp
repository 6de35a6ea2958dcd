// token list and show, beyond what the document has (token_command_test.cpp).
#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"

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
                    "soon", "1",
                    "  note: Soon\n  owner: alice\n  expires_at: \"2024-11-22T00:00:00Z\"\n  scopes: [read:tasks]\n"
                    "  rate_limit: 10\n  tools: {allow: [\"q_*\"], deny: [q_x]}\n") +
                listItem("later", "2", "  expires_at: \"2025-11-22T00:00:00Z\"\n") + listItem("ever", "3"));
    }
};

} // namespace

TEST_CASE("what a token may do is listed, as far as it is limited") {
    const Site at;
    const auto said = at.run(cli::token, {"show", "soon"});
    CHECK(said.code == cli::done);
    for (const char* line :
         {"Owner: alice\n", "Scopes: read:tasks\n", "Rate limit: 10 calls an hour\n", "Tools: q_*; not q_x\n"})
        CHECK(said.out.find(line) != std::string::npos);
    CHECK(said.out.find("Networks") == std::string::npos);
    CHECK(said.out.find("ID: later") == std::string::npos);
}

TEST_CASE("list --expiring exits with 1 when there are any, and lists only those") {
    const Site at;
    const auto soon = at.run(cli::token, {"list", "--expiring", "7d"});
    CHECK(soon.code == cli::failed);
    CHECK(soon.out.find("ID: soon") != std::string::npos);
    CHECK(soon.out.find("ID: later") == std::string::npos);
    CHECK(at.run(cli::token, {"list", "--expiring", "1h"}).code == cli::done);
    CHECK(at.run(cli::token, {"list", "--expiring", "soon"}).wrongUse ==
          "--expiring: expected a time such as 7d, got \"soon\"");
}

TEST_CASE("as JSON a list is the API's, without text or digest") {
    const Site at;
    const auto said = at.run(cli::token, {"list", "--json", "--owner", "alice"});
    const Json list = Json::parse(said.out);
    CHECK(list["total"] == 1);
    CHECK(list["data"][0]["id"] == "soon");
    CHECK(said.out.find(hex(sha256("1"))) == std::string::npos);
    CHECK(Json::parse(at.run(cli::token, {"show", "ever", "--json"}).out)["expires_at"].is_null());
}
