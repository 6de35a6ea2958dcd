#include <catch2/catch.hpp>

#include "admin/client_texts.hpp"
#include "cli/command.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

TEST_CASE("client-config prints what one client wants, for this machine's server when nothing is said") {
    const StringConsole at;
    const auto said = at.run(cli::clientConfig, {"cursor"});
    CHECK(said.code == cli::done);
    CHECK(said.out == admin::instructions(*admin::findClient("cursor"), {}));
    CHECK_THAT(said.out, Catch::Contains("http://localhost:8080/mcp") && Catch::Contains("\"gatehouse\""));
}

TEST_CASE("client-config takes the server's URL and its name, before or after the client") {
    const StringConsole at;
    const admin::ServerPlace place{"shop", "https://mcp.example/mcp"};
    const std::string wanted = admin::instructions(*admin::findClient("zed"), place);
    CHECK(at.run(cli::clientConfig, {"zed", "--url", place.url, "--name", place.name}).out == wanted);
    CHECK(at.run(cli::clientConfig, {"--name=shop", "--url=" + place.url, "zed"}).out == wanted);
}

TEST_CASE("client-config without a client lists all, one in a line") {
    const auto said = StringConsole().run(cli::clientConfig, {});
    std::string wanted;
    for (const auto& client : admin::clientTexts()) wanted += std::string(client.name) + "\n";
    CHECK(said.out == wanted);
    CHECK(said.code == cli::done);
}

TEST_CASE("client-config says what it cannot take") {
    const StringConsole at;
    CHECK_THAT(at.run(cli::clientConfig, {"--help"}).out, Catch::StartsWith("Usage: gatehouse client-config"));
    CHECK_THAT(at.run(cli::clientConfig, {"emacs"}).wrongUse,
               Catch::StartsWith("unknown client \"emacs\"; known: claude-code, claude-desktop, cursor"));
    CHECK(at.run(cli::clientConfig, {"zed", "cursor"}).wrongUse ==
          "client-config takes one client, got \"cursor\" too");
    CHECK_THAT(at.run(cli::clientConfig, {"zed", "--url", "localhost"}).wrongUse,
               Catch::StartsWith("--url: expected ") && Catch::EndsWith("got \"localhost\""));
    CHECK_THAT(at.run(cli::clientConfig, {"zed", "--name", "a b"}).wrongUse,
               Catch::StartsWith("--name: expected ") && Catch::EndsWith("got \"a b\""));
}
