#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/string_console.hpp"
#include "tokens/token_file.hpp"

using namespace gatehouse;
using test::StringConsole;

TEST_CASE("admin link prints one link, to the address that browsers know") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "admin: {enabled: true}\nhttp: {public_url: 'https://mcp.example'}\n");
    const auto said = at.run(cli::admin, {"link", "--owner", "alice"});
    CHECK(said.code == cli::done);
    CHECK(said.out.rfind("https://mcp.example/#sign-in=gth_", 0) == 0);
    CHECK(said.out.find('\n') == said.out.size() - 1);
    const auto entries = TokenFile(at.tokens).read();
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].owner == "alice");
    // It stands where an older version takes nothing for a token.
    const std::string text = test::readText(at.tokens);
    CHECK(text.find("held:") < text.find("sha256:"));
    CHECK(text.find("hash:") == std::string::npos);
}

TEST_CASE("without a page there is no link, and what is wrong is said") {
    const StringConsole at;
    CHECK(at.run(cli::admin, {"link"}).wrongUse.find("admin.enabled is false") == 0);
    CHECK(at.run(cli::admin, {}).wrongUse == "admin: expected link");
    CHECK(at.run(cli::admin, {"--help"}).out.rfind("Usage: gatehouse admin link", 0) == 0);
    CHECK_FALSE(std::filesystem::exists(at.tokens));
}
