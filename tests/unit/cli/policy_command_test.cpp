#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "config/config_loader.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

const std::string rules = R"(auth:
  policy:
    rules:
      - {tools: [db_*], scopes: [read:db]}
    tests:
      - {scopes: [write:db], tool: db_list, expect: allow}
      - {scopes: [], tool: db_list, expect: deny}
      - {scopes: [], prompt: db_list, expect: allow}
)";

} // namespace

TEST_CASE("a policy that does what its tests expect is right, with a line for each") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", rules);
    const auto said = at.run(cli::policy, {"test"});
    CHECK(said.code == cli::done);
    CHECK_THAT(said.out, Catch::StartsWith("ok    allow db_list ") && Catch::EndsWith("3 tests, 0 wrong\n"));
    CHECK_THAT(said.out, Catch::Contains("\nok    deny  db_list ") && Catch::Contains("; needs read:db\n"));
}

TEST_CASE("a test that does not hold is told with what is needed, and is an error") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", rules + "      - {scopes: [other], tool: db_drop, expect: allow}\n");
    const auto said = at.run(cli::policy, {"test"});
    CHECK(said.code == cli::failed);
    CHECK_THAT(said.out, Catch::Contains("\nWRONG deny  db_drop ") && Catch::Contains(" with other; needs read:db\n") &&
                             Catch::EndsWith("4 tests, 1 wrong\n"));
}

TEST_CASE("what every call needs counts in the tests as well") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml",
                    "auth: {policy: {required_scopes: [a], tests: [{scopes: [b], tool: t, expect: deny}]}}\n");
    CHECK_THAT(at.run(cli::policy, {"test"}).out, Catch::Contains("with b; needs a\n1 tests, 0 wrong\n"));
}

TEST_CASE("without tests there is nothing to hold") {
    const StringConsole at;
    const auto said = at.run(cli::policy, {"test"});
    CHECK(said.code == cli::done);
    CHECK(said.out == "auth.policy.tests: none\n");
}

TEST_CASE("a policy that cannot be meant is refused") {
    const StringConsole at;
    at.folder.write("gatehouse.yaml", "auth: {policy: {rule: []}}\n");
    CHECK_THROWS_AS(at.run(cli::policy, {"test"}), ConfigError);
    at.folder.write("gatehouse.yaml", "auth: {policy: []}\n");
    CHECK_THROWS_AS(at.run(cli::policy, {"test"}), ConfigError);
}

TEST_CASE("help and wrong use of policy") {
    const StringConsole at;
    CHECK(at.run(cli::policy, {"--help"}).code == cli::done);
    CHECK_THAT(at.run(cli::policy, {"--help"}).out, Catch::StartsWith("Usage: gatehouse policy test"));
    CHECK(at.run(cli::policy, {}).code == cli::wrongUse);
    CHECK(at.run(cli::policy, {"tset"}).wrongUse == "policy: expected test");
    CHECK(at.run(cli::policy, {"test", "more"}).wrongUse == "policy: expected test");
}
