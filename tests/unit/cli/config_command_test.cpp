#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

const std::string echo = std::string("backend: {plugin: echo}\nauth: {enabled: false}\nplugins: {dir: '") +
                         TEST_LIBRARIES + "/gatehouse'}\n";

} // namespace

TEST_CASE("settings that are right are told with the file they came from, and what is perhaps not meant") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", echo);
    const auto said = at.run(cli::config, {"check"});
    CHECK(said.code == cli::done);
    CHECK(said.out == at.config + ": ok\n");
    CHECK_THAT(said.err, Catch::Contains("WARNING: secrets.keys is not set"));
    const std::string other = at.folder.write("other.yaml", echo + "log: {level: debug}\n");
    CHECK(at.run(cli::config, {"check", "--config", other}).out == other + ": ok\n");
}

TEST_CASE("E04: settings that are wrong end with 3 and all that is wrong, also what only a part knows") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", echo + "http: {adress: x}\nlog: {level: loud}\nmetrics: {address: x}\n");
    const auto said = at.run(cli::config, {"check"});
    CHECK(said.code == cli::refused);
    CHECK(said.out.empty());
    for (const char* part : {":4: http.adress: unknown; did you mean \"address\"?",
                             ":5: log.level: expected debug, info, warning or error, got \"loud\"",
                             ":6: metrics.address: expected host:port such as 127.0.0.1:8080, got \"x\""})
        CHECK_THAT(said.err, Catch::Contains(at.config + part));
}

TEST_CASE("E04: the flags of serve are judged as serve judges them") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", echo);
    CHECK(at.run(cli::config, {"check", "--addr", "0.0.0.0:1"}).code == cli::refused);
    CHECK(at.run(cli::config, {"check", "--addr", "0.0.0.0:1", "--allow-remote-without-auth"}).code == cli::done);
    const auto said = at.run(cli::config, {"check", "--addr", "nowhere"});
    CHECK_THAT(said.err,
               Catch::Contains("--addr: http.address: expected host:port such as 127.0.0.1:8080, got \"nowhere\""));
    at.folder.write("gatehouse.yaml", echo + "audit: {file: '-'}\n");
    CHECK(at.run(cli::config, {"check"}).code == cli::done);
    CHECK(at.run(cli::config, {"check", "--stdio"}).code == cli::refused);
}

TEST_CASE("help is shown when asked for, and when nothing was") {
    const StringConsole at;
    CHECK(at.run(cli::config, {"--help"}).code == cli::done);
    CHECK(at.run(cli::config, {"--help"}).out.rfind("Usage: gatehouse config check", 0) == 0);
    CHECK(at.run(cli::config, {}).code == cli::wrongUse);
    CHECK(at.run(cli::config, {"chekc"}).wrongUse == "config: expected check or print");
    CHECK(at.run(cli::config, {"check", "more"}).wrongUse == "config: expected check or print");
}
