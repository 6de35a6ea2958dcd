#include "server/start_report.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

std::string lineOf(const AuthSettings& settings) {
    return validatorInForce(settings, "https://mcp.example/mcp", "/etc/t.yaml");
}

} // namespace

TEST_CASE("B6: one line says which validator is in force, from where, with which issuer and audience") {
    AuthSettings settings;
    CHECK(lineOf(settings) == "Validator: static_file (/etc/t.yaml), chosen by the default");
    settings.chosenBy = "JWT_SECRET_KEY";
    settings.validator = {"jwt"};
    settings.validators["jwt"] = {{"secret", "do not show"}, {"audience", {"{resource}", "mcp-server"}}};
    CHECK(lineOf(settings) ==
          "Validator: jwt (issuer: any; audience: https://mcp.example/mcp, mcp-server), chosen by JWT_SECRET_KEY");
    settings.validators["oidc"] = {{"issuer", "https://idp.example"}};
    settings.validators["swap"] = {{"plugin", "token_exchange"}, {"validator", "oidc"}};
    settings.validator = {"swap", "api_key", "/opt/mine.so"};
    CHECK(
        lineOf(settings) ==
        "Validator: swap of oidc (issuer: https://idp.example; audience: https://mcp.example/mcp), then api_key, then "
        "/opt/mine.so, chosen by JWT_SECRET_KEY");
}

TEST_CASE("B2: a rule that refuses only tokens without a scope is told") {
    const Policy policy(Settings(Json::parse(
        R"({"required_scopes":["mcp:access"],"rules":[{"tools":["a"],"scopes":["mcp:access"]},{"tools":["b"],"scopes":["x"]}]})")));
    AuthSettings settings;
    settings.validator = {"jwt"};
    settings.validators["jwt"] = {{"required_scopes", {"mcp:access"}}};
    const auto told = idleRules(policy, settings);
    REQUIRE(told.size() == 3);
    CHECK(told[0] ==
          "auth.policy.required_scopes: every token that has any scope has mcp:access, so this refuses only "
          "tokens without a scope");
    CHECK_THAT(told[1], Catch::StartsWith("auth.policy.rules[0]: "));
    CHECK_THAT(told[2], Catch::StartsWith("auth.validators.jwt.required_scopes: "));
    CHECK(idleRules(Policy(), AuthSettings()).empty());
}

namespace {

class Offering : public Backend {
public:
    std::vector<Tool> tools() const override { return {named("read"), named("read_all")}; }
    std::vector<Resource> resources() const override {
        Resource one;
        one.uri = "db://users";
        return {one};
    }
    std::vector<ResourceTemplate> resourceTemplates() const override { return templates; }
    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override { return nullptr; }

    std::vector<ResourceTemplate> templates{};

private:
    static Tool named(const char* name) {
        Tool tool;
        tool.name = name;
        return tool;
    }
};

} // namespace

TEST_CASE("B2: a rule whose pattern fits nothing of the backend is told, with its place") {
    const Policy policy(Settings(Json::parse(
        R"({"rules":[{"tools":["read*","raed"],"resources":["db://user"],"prompts":["*"],"scopes":["x"]},
                     {"tools":["*"],"resources":["db://*"],"prompts":["greet"],"scopes":["y"]}]})")));
    Offering backend;
    const auto told = unfittingRules(policy, backend);
    REQUIRE(told.size() == 3);
    CHECK(told[0] ==
          "auth.policy.rules[0]: the backend has no tool that fits \"raed\", so this rule refuses nobody there");
    CHECK_THAT(told[1], Catch::Contains("no resource that fits \"db://user\""));
    CHECK_THAT(told[2],
               Catch::StartsWith("auth.policy.rules[1]: ") && Catch::Contains("no prompt that fits \"greet\""));
    backend.templates.emplace_back();
    CHECK(unfittingRules(policy, backend).size() == 2);
}
