#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "config/config_loader.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

TEST_CASE("settings that are right are told with the file they came from") {
    const StringConsole at;
    const auto said = at.run(cli::config, {"check"});
    CHECK(said.code == cli::done);
    CHECK(said.out == at.config + ": ok\n");
    std::filesystem::remove(at.config);
    CHECK(at.run(cli::config, {"check"}).out == "no settings file; the defaults: ok\n");
    const std::string other = at.folder.write("other.yaml", "log: {level: debug}\n");
    CHECK(at.run(cli::config, {"check", "--config", other}).out == other + ": ok\n");
}

TEST_CASE("settings that are wrong are an error with all that is wrong") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "http: {adress: x}\nlog: {level: loud}\n");
    CHECK_THROWS_AS(at.run(cli::config, {"check"}), ConfigError);
    CHECK_THROWS_WITH(at.run(cli::config, {"check"}), Catch::Contains(":1: http.adress: unknown key") &&
                                                          Catch::Contains(":2: log.level: got \"loud\""));
}

TEST_CASE("help is shown when asked for, and when nothing was") {
    const StringConsole at;
    CHECK(at.run(cli::config, {"--help"}).code == cli::done);
    CHECK(at.run(cli::config, {"--help"}).out.rfind("Usage: gatehouse config check", 0) == 0);
    CHECK(at.run(cli::config, {}).code == cli::wrongUse);
    CHECK(at.run(cli::config, {"chekc"}).wrongUse == "config: wanted check");
    CHECK(at.run(cli::config, {"check", "more"}).wrongUse == "config: wanted check");
}
