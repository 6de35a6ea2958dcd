#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "cli/command.hpp"
#include "plugin/library.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

const std::string libraries = TEST_LIBRARIES "/gatehouse";
const std::string validator = libraries + "/gatehouse_validator_static_file.so";

} // namespace

TEST_CASE("libraries are listed with name, version, interface and file") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "plugins: {dir: '" + libraries + "'}\n");
    const auto said = at.run(cli::plugin, {"list"});
    CHECK(said.code == cli::done);
    CHECK(said.out.rfind("Plugins in " + libraries + ":\n", 0) == 0);
    CHECK(said.out.find("\n  static_file 1.0.0  gatehouse.token_validator/1  gatehouse_validator_static_file.so\n") !=
          std::string::npos);
    CHECK(said.out.find("\n  echo 1.0.0  gatehouse.backend/1  gatehouse_backend_echo.so\n") != std::string::npos);
}

TEST_CASE("a folder without libraries has none, and one that is unusable says why") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "plugins: {dir: '" + at.folder.path().string() + "'}\n");
    CHECK(at.run(cli::plugin, {"list"}).out == "Plugins in " + at.folder.path().string() + ":\n  none\n");
    const std::string broken = at.folder.write("gatehouse_backend_broken.so", "this is no library");
    const auto said = at.run(cli::plugin, {"list"});
    CHECK(said.code == cli::done);
    CHECK(said.out.find("\n  unusable: ") != std::string::npos);
    CHECK(said.out.find(broken) != std::string::npos);
}

TEST_CASE("a library is inspected without running it") {
    const StringConsole at;
    const auto said = at.run(cli::plugin, {"inspect", validator});
    CHECK(said.code == cli::done);
    for (const std::string& line :
         std::vector<std::string>{"name:       static_file\n", "version:    1.0.0\n", "ABI:        1.0\n",
                                  "interfaces: gatehouse.token_validator/1\n", "settings:   none\n",
                                  "SHA-256:    " + hex(sha256(test::readText(validator))) + "\n"}) {
        INFO(line);
        CHECK(said.out.find(line) != std::string::npos);
    }
}

TEST_CASE("an inspected library says which settings there are") {
    const StringConsole at;
    const std::string folder = TEST_LIBRARIES;
    const auto sql = at.run(cli::plugin, {"inspect", folder + "/gatehouse/gatehouse_backend_sql.so"});
    CHECK(sql.out.find("settings:\n") != std::string::npos);
    CHECK(sql.out.find("  max_rows: a whole number from 1 to 1000000; default 1000\n"
                       "      of an answer; told in it when reached\n") != std::string::npos);
    const auto witness = at.run(cli::plugin, {"inspect", folder + "/tests/witness.so"});
    CHECK(witness.out.find("settings:   not declared\n") != std::string::npos);
}

TEST_CASE("E09: what a library says of itself is shown without steering the terminal") {
    const StringConsole at;
    std::string bytes = test::readText(validator);
    for (std::size_t from = bytes.find("static_file"); from != std::string::npos;
         from = bytes.find("static_file", from + 1))
        bytes.replace(from, 11,
                      "\x1b[2Jx\xc2\x9b"
                      "evil");
    const std::string file = at.folder.write("gatehouse_validator_evil.so", bytes);
    at.folder.write("gatehouse.yaml", "plugins: {dir: '" + at.folder.path().string() + "'}\n");
    for (const auto& said : {at.run(cli::plugin, {"inspect", file}), at.run(cli::plugin, {"list"})}) {
        CHECK(said.code == cli::done);
        CHECK(said.out.find("\\x1b[2Jx\\u009bevil") != std::string::npos);
        CHECK(said.out.find('\x1b') == std::string::npos);
        CHECK(said.out.find('\xc2') == std::string::npos);
    }
}

TEST_CASE("what is no plugin is refused") {
    const StringConsole at;
    CHECK_THROWS_AS(at.run(cli::plugin, {"inspect", at.folder.file("none.so")}), PluginError);
    CHECK_THROWS_AS(at.run(cli::plugin, {"inspect", at.folder.write("text.so", "text")}), PluginError);
}

TEST_CASE("help and wrong use of plugin") {
    const StringConsole at;
    CHECK(at.run(cli::plugin, {"-help"}).code == cli::done);
    CHECK(at.run(cli::plugin, {"-help"}).out.rfind("Usage: gatehouse plugin list", 0) == 0);
    CHECK(at.run(cli::plugin, {}).code == cli::wrongUse);
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"lst"}, {"inspect"}, {"list", "more"}, {"inspect", "a", "b"}})
        CHECK(at.run(cli::plugin, words).wrongUse ==
              "plugin: expected list, inspect or check with a file, or new with a name");
}
