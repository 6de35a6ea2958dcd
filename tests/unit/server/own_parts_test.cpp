// How settings choose among the parts that a program brings itself. What a server makes of them:
// embedded_server_test.cpp.
#include "server/own_parts.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

struct Nobody final : TokenValidator {
    Verdict validate(const TokenRequest&) override { return Unavailable{}; }
};

} // namespace

TEST_CASE("without parts the settings stay as they are") {
    CHECK(withOwnParts({}, nullptr).auth.validator == Config().auth.validator);
    const ServerParts none;
    CHECK(withOwnParts({}, &none).backend.plugin == Config().backend.plugin);
}

TEST_CASE("a single part is in force, unless the settings name another") {
    ServerParts parts;
    parts.addValidator<Nobody>("mine");
    parts.addTools("tools", [](FunctionTable&) {});
    const Config chosen = withOwnParts({}, &parts);
    CHECK(chosen.auth.validator == std::vector<std::string>{"mine"});
    CHECK(chosen.auth.chosenBy == "the program");
    CHECK(chosen.backend.plugin == "tools");
    Config named;
    named.auth.validator = {"jwt"};
    named.places.set("auth.validator", "here:1");
    CHECK(withOwnParts(named, &parts).auth.validator == std::vector<std::string>{"jwt"});
}

TEST_CASE("of several parts the settings have to name one") {
    ServerParts parts;
    parts.addTools("one", [](FunctionTable&) {});
    parts.addTools("two", [](FunctionTable&) {});
    const Config config = withOwnParts({}, &parts);
    CHECK(config.faults.touches("backend.plugin"));
    CHECK(config.faults.printed().find("one, two") != std::string::npos);
}
