#include "auth/policy.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

using Texts = std::vector<std::string>;

Policy policyOf(const char* json) { return Policy(Settings(Json::parse(json), "auth.policy")); }

std::string complaint(const char* json) {
    try {
        policyOf(json);
    } catch (const SettingsError& fault) {
        return fault.what();
    }
    return "";
}

} // namespace

TEST_CASE("a scope includes others, over several steps") {
    struct Row {
        const char* what;
        Texts scopes;
        const char* scope;
        bool has;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"B2: a token without a scope may not come in", {}, "mcp:access", false},
             {"B2: one with any scope may", {"anything"}, "mcp:access", true},
             {"nobody may read without a scope", {}, "mcp:read", false},
             {"a scope is itself", {"x"}, "x", true},
             {"a scope is not the beginning of itself", {"xy"}, "x", false},
             {"writing includes reading of the same", {"write:docs"}, "read:docs", true},
             {"writing includes no reading of anything else", {"write:docs"}, "read:mail", false},
             {"writing is writing", {"write:docs"}, "mcp:write", true},
             {"writing includes what reading includes", {"write:docs"}, "mcp:read", true},
             {"reading includes no writing", {"read:docs"}, "write:docs", false},
             {"reading is no writing", {"read:docs"}, "mcp:write", false},
             {"executing is executing", {"execute:mcp"}, "mcp:execute", true},
             {"the administrator has a scope of his own", {"mcp:admin"}, "mcp:admin", true},
             {"the administrator has every scope", {"mcp:admin"}, "delete:everything", true},
             {"a star of a token is a letter like others", {"*"}, "read:docs", false},
             {"only one that ends so is the administrator", {"not:mcp:admin"}, "read:docs", false},
             {"scopes differ by case", {"MCP:ADMIN"}, "read:docs", false}}) {
        DYNAMIC_SECTION(row.what) { CHECK(Policy().grantsOf(row.scopes).has(row.scope) == row.has); }
    }
}

TEST_CASE("the operator's own includes stand in place of the usual ones") {
    const Policy policy = policyOf(R"({"includes":{"boss":["*"],"edit:*:all":["see:*","edit:*"],"a":"b","b":["a","c"]},
                                       "everyone":["hello"]})");
    CHECK(policy.grantsOf({"edit:docs:all"}).scopes() == Texts{"edit:docs", "edit:docs:all", "hello", "see:docs"});
    CHECK(policy.grantsOf({"a"}).scopes() == Texts{"a", "b", "c", "hello"}); // also in a circle
    CHECK(policy.grantsOf({"boss"}).has("anything"));
    CHECK_FALSE(policy.grantsOf({"mcp:admin"}).has("anything"));
    CHECK_FALSE(policy.grantsOf({}).has("mcp:access"));
    CHECK(policyOf(R"({"everyone":[]})").grantsOf({}).scopes().empty());
}

TEST_CASE("a token with too many scopes has only so many of them") {
    Texts many;
    for (int i = 0; i < 5000; ++i) many.push_back("write:" + std::to_string(i));
    CHECK(Policy().grantsOf(many).scopes().size() <= 1002);
}

TEST_CASE("who is not asked has every scope") { CHECK(Grants::everything().has("anything")); }

TEST_CASE("a star stands for any text, and nothing else does") {
    struct Row {
        const char *pattern, *text;
        bool fits;
    };
    for (const Row& row : std::initializer_list<Row>{{"", "", true},
                                                     {"", "a", false},
                                                     {"a", "a", true},
                                                     {"a", "A", false},
                                                     {"a", "ab", false},
                                                     {"ab", "a", false},
                                                     {"*", "", true},
                                                     {"*", "anything/at all", true},
                                                     {"a*", "a", true},
                                                     {"a*", "ba", false},
                                                     {"*a", "ba", true},
                                                     {"*a", "ab", false},
                                                     {"a*c", "abc", true},
                                                     {"a*c", "ac", true},
                                                     {"a*c", "a", false},
                                                     {"aa*a", "aa", false},
                                                     {"a*b*c", "a-b-b-c", true},
                                                     {"a*b*c", "a-c-b", false},
                                                     {"**", "x", true},
                                                     {"a?c", "abc", false},
                                                     {"file:///x/*", "file:///x/../y", true}}) {
        DYNAMIC_SECTION('"' << row.pattern << "\" and \"" << row.text << '"') {
            CHECK(fitsPattern(row.pattern, row.text) == row.fits);
        }
    }
}

TEST_CASE("many stars against a long text are judged at once") {
    std::string pattern;
    for (int i = 0; i < 200; ++i) pattern += "*a";
    CHECK_FALSE(fitsPattern(pattern + "b", std::string(20'000, 'a')));
}

TEST_CASE("a feature needs the scopes of every rule that names it, and a refusal names all of them") {
    const Policy policy = policyOf(R"({"rules":[{"tools":["db_*"],"scopes":["read:db"]},
        {"tools":["db_drop","*_purge"],"scopes":["write:db","mcp:admin"]},
        {"tools":"db_*","prompts":["db_*"],"scopes":"read:db"},
        {"resources":["file:///private/*"],"scopes":["read:files"]}]})");
    struct Row {
        const char* what;
        FeatureKind kind;
        const char* name;
        Texts scopes, needed;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"no rule names it", FeatureKind::tool, "echo", {}, {}},
             {"a rule names it", FeatureKind::tool, "db_list", {}, {"read:db"}},
             {"the scope is held", FeatureKind::tool, "db_list", {"read:db"}, {}},
             {"the scope is included", FeatureKind::tool, "db_list", {"write:db"}, {}},
             {"several rules name it", FeatureKind::tool, "db_drop", {"read:db"}, {"read:db", "write:db", "mcp:admin"}},
             {"one of several is missing",
              FeatureKind::tool,
              "db_drop",
              {"write:db"},
              {"read:db", "write:db", "mcp:admin"}},
             {"the administrator", FeatureKind::tool, "db_drop", {"mcp:admin"}, {}},
             {"a prompt of that name", FeatureKind::prompt, "db_drop", {}, {"read:db"}},
             {"a resource of that name", FeatureKind::resource, "db_drop", {}, {}},
             {"a resource", FeatureKind::resource, "file:///private/a", {}, {"read:files"}},
             {"a tool named as a resource", FeatureKind::tool, "file:///private/a", {}, {}}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(policy.refusal(row.kind, row.name, policy.grantsOf(row.scopes)) == row.needed);
        }
    }
    CHECK(policy.hasRules());
    CHECK_FALSE(Policy().hasRules());
}

TEST_CASE("without rules everything may be called") {
    CHECK(Policy().refusal(FeatureKind::tool, "anything", Grants()).empty());
}

TEST_CASE("what every call needs is the policy's own scopes and the validator's") {
    const Policy policy = policyOf(R"({"required_scopes":["mcp:access","a"]})");
    CHECK(policy.requiredScopes() == Texts{"mcp:access", "a"});
    CHECK(policy.refusal(Texts{}, policy.grantsOf({})) == Texts{"mcp:access", "a"});
    CHECK(policy.refusal(Texts{}, policy.grantsOf({"a"})).empty());
    CHECK(policy.refusal(Texts{}, policy.grantsOf({"b"})) == Texts{"mcp:access", "a"});
    CHECK(policy.refusal(Texts{"b", "a"}, policy.grantsOf({"a"})) == Texts{"mcp:access", "a", "b"});
    CHECK(policy.refusal(Texts{"b"}, policy.grantsOf({"a", "b"})).empty());
    CHECK(policy.refusal(Texts{"b"}, Grants::everything()).empty());
}

TEST_CASE("B2: scopes that every token with a scope has are known") {
    const Policy policy = policyOf(R"({"everyone":["hello"],"includes":{"hello":["world"]}})");
    CHECK(policy.isHeldByAll({"hello"}));
    CHECK(policy.isHeldByAll({"hello", "world"}));
    CHECK_FALSE(policy.isHeldByAll({"hello", "other"}));
    CHECK(Policy().isHeldByAll({"mcp:access"}));
    CHECK_FALSE(Policy().isHeldByAll({"mcp:read"}));
}

TEST_CASE("lists hide what may not be called, unless told otherwise") {
    CHECK(Policy().hides());
    CHECK_FALSE(policyOf(R"({"hide":false})").hides());
}

TEST_CASE("the operator's tests are read with what they expect") {
    const Policy policy = policyOf(R"({"tests":[{"scopes":["a"],"tool":"t","expect":"allow"},
        {"resource":"r","expect":"deny"},{"prompt":"p","expect":"deny"}]})");
    REQUIRE(policy.tests().size() == 3);
    CHECK(policy.tests()[0].scopes == Texts{"a"});
    CHECK(policy.tests()[0].allowed);
    CHECK(policy.tests()[1].kind == FeatureKind::resource);
    CHECK_FALSE(policy.tests()[1].allowed);
    CHECK(policy.tests()[2].name == "p");
}

TEST_CASE("a policy that cannot be meant is refused, with where and what") {
    struct Row {
        const char *json, *told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"rule":[]})", "auth.policy.rule: unknown key, expected one of: required_scopes"},
             {R"({"required_scopes":5})", "auth.policy.required_scopes: expected a list of strings, got 5"},
             {R"({"hide":"no"})", "auth.policy.hide: expected true or false, got \"no\""},
             {R"({"includes":["a"]})", "auth.policy.includes: expected a map, got array"},
             {R"({"includes":{"a":5}})", "auth.policy.includes.a: expected a list of strings, got 5"},
             {R"({"rules":{}})", "auth.policy.rules: expected a list, got {}"},
             {R"({"rules":[{"tools":["a"]}]})", "auth.policy.rules[0].scopes: is empty"},
             {R"({"rules":[{"tools":["a"],"scopes":[]}]})", "auth.policy.rules[0].scopes: is empty"},
             {R"({"rules":[{"scopes":["a"]}]})", "auth.policy.rules[0]: expected tools, resources or prompts"},
             {R"({"rules":[{"tools":["a"],"scopes":["a"]},{"tool":"a","scopes":"b"}]})",
              "auth.policy.rules[1].tool: unknown key"},
             {R"({"tests":[{"expect":"allow"}]})", "auth.policy.tests[0]: expected tool, resource or prompt"},
             {R"({"tests":[{"tool":"a","expect":"yes"}]})",
              "auth.policy.tests[0].expect: expected allow or deny, got \"yes\""},
             {R"({"tests":[{"tool":"a"}]})", "auth.policy.tests[0].expect: missing"}}) {
        DYNAMIC_SECTION(row.json) { CHECK_THAT(complaint(row.json), Catch::StartsWith(row.told)); }
    }
}
