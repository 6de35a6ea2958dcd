#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/sample_tokens.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::listItem;
using test::StringConsole;

TEST_CASE("a token file goes into another store with ids and digests as they are, and a second time changes nothing") {
    const StringConsole at;
    const std::string file =
        at.folder.write("old.yaml", "tokens:\n" + listItem("a", "1", "  note: First\n") + listItem("b", "2"));
    const std::string settings = at.folder.write("s.yaml", "auth: {tokens: {store: 'sqlite:new.db'}}\n");
    const auto first = at.run(cli::token, {"import", file, "--config", settings});
    CHECK(first.code == cli::done);
    CHECK(first.out == "Imported 2 token(s) from " + file + " into " + at.folder.file("new.db") + "\n");
    const std::string listed = at.run(cli::token, {"list", "--config", settings}).out;
    CHECK(listed.find("ID: a\nNote: First\nHash (first 12 chars): " + hex(sha256("1")).substr(0, 9)) !=
          std::string::npos);
    const auto second = at.run(cli::token, {"import", file, "--config", settings});
    CHECK(second.out.find("Imported 0 token(s)") == 0);
    CHECK(second.out.find("; 2 were there already\n") != std::string::npos);
    const std::string other = at.folder.write("other.yaml", "tokens:\n" + listItem("a", "9"));
    CHECK(at.run(cli::token, {"import", other, "--config", settings}).err.find("a exists already") !=
          std::string::npos);
}
