#include "mcp/feature/list_methods.hpp"

#include <catch2/catch.hpp>

#include "support/method_desk.hpp"
#include "support/scripted_factory.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

FeatureLists some() {
    return {{toolNamed("t1"), toolNamed("t2"), toolNamed("t3")},
            {resourceAt("test://r1")},
            {templateOf("test://{x}")},
            {promptNamed("p1"), promptNamed("p2")}};
}

struct Fixture : MethodDesk {
    explicit Fixture(std::size_t pageItems = 2, FeatureLists offered = some(), const Policy* policy = nullptr)
        : features(std::make_shared<const FeatureRegistry>(std::move(offered))),
          lists(features, cursors, pageItems, policy) {
        lists.addTo(table);
    }
    std::shared_ptr<KeptResponseWriter> list(const std::string& what, const std::string& cursor = "",
                                             const std::string& who = "alice", bool modern = true) {
        Asking asking;
        asking.method = what + "/list";
        if (!cursor.empty()) asking.params = Json{{"cursor", cursor}}.dump();
        asking.who = who;
        asking.modern = modern;
        asking.grants = grants;
        return ask(asking);
    }
    Grants grants; // of who asks
    TurnableClock clock;
    Sealer cursors{{}, "cursor", clock};
    std::shared_ptr<const FeatureRegistry> features;
    ListMethods lists;
};

std::vector<std::string> names(const Json& items, const char* member = "name") {
    std::vector<std::string> out;
    for (const Json& item : items) out.push_back(item.at(member));
    return out;
}

} // namespace

TEST_CASE("a list comes in pages, in the backend's order") {
    Fixture f;
    const Json first = f.list("tools")->result();
    CHECK(f.outcome == "ok");
    CHECK(names(first.at("tools")) == std::vector<std::string>{"t1", "t2"});
    const Json second = f.list("tools", first.at("nextCursor"))->result();
    CHECK(names(second.at("tools")) == std::vector<std::string>{"t3"});
    CHECK_FALSE(second.contains("nextCursor"));
}

TEST_CASE("a page that ends with its list has no cursor") {
    CHECK_FALSE(Fixture(3).list("tools")->result().contains("nextCursor"));
    CHECK(Fixture(1).list("prompts")->result().contains("nextCursor"));
}

TEST_CASE("each list is told to each era in its form") {
    struct Row {
        const char *method, *member, *key, *first;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"tools", "tools", "name", "t1"},
                                    {"prompts", "prompts", "name", "p1"},
                                    {"resources", "resources", "uri", "test://r1"},
                                    {"resources/templates", "resourceTemplates", "uriTemplate", "test://{x}"}}) {
        DYNAMIC_SECTION(row.method) {
            Fixture f(10);
            const Json fresh = f.list(row.method)->result(), old = f.list(row.method, "", "alice", false)->result();
            CHECK(names(fresh.at(row.member), row.key).at(0) == row.first);
            CHECK(fresh.at(row.member) == old.at(row.member));
            CHECK(fresh.at("resultType") == "complete");
            CHECK(fresh.at("cacheScope") == "private");
            CHECK(fresh.at("ttlMs").is_number_integer());
            CHECK(old.size() == 1);
        }
    }
}

TEST_CASE("a cursor that is not ours, or not for this list, is refused") {
    Fixture f(1);
    const std::string cursor = f.list("tools")->result().at("nextCursor");
    const auto refused = [&](const std::shared_ptr<KeptResponseWriter>& got) {
        return f.outcome == "error invalid_params" && got->errorCode() == -32602;
    };
    CHECK_FALSE(refused(f.list("tools", cursor)));
    CHECK_FALSE(refused(f.list("tools", cursor, "alice", false)));
    CHECK(refused(f.list("prompts", cursor)));
    CHECK(refused(f.list("tools", cursor, "bob")));
    CHECK(refused(f.list("tools", cursor + "A")));
    CHECK(refused(f.list("tools", "1")));
    for (const char* params : {R"({"cursor":""})", R"({"cursor":5})", R"({"cursor":{}})"}) {
        CHECK(refused(f.ask({"tools/list", params})));
        CHECK(refused(f.ask({"tools/list", params, false})));
    }
    CHECK_FALSE(refused(f.ask({"tools/list", R"({"cursor":null})"})));
}

TEST_CASE("a cursor does not outlive its list") {
    Fixture f(1);
    const std::string cursor = f.list("tools")->result().at("nextCursor");
    f.features = std::make_shared<const FeatureRegistry>(some());
    CHECK(f.list("tools", cursor)->result().contains("tools")); // as another node has it
    FeatureLists others = some();
    others.tools.pop_back();
    f.features = std::make_shared<const FeatureRegistry>(std::move(others));
    CHECK(f.list("tools", cursor)->errorCode() == -32602);
    CHECK(f.list("tools")->result().contains("nextCursor"));
}

TEST_CASE("what a backend does not offer has no list; tools always have one") {
    Fixture f(2, {});
    CHECK(f.list("tools")->result().at("tools") == Json::array());
    for (const char* method : {"prompts", "resources", "resources/templates"}) {
        const auto fresh = f.list(method), old = f.list(method, "", "alice", false);
        CHECK(fresh->errorCode() == -32601);
        CHECK(fresh->status == 404);
        CHECK(old->errorCode() == -32601);
        CHECK(old->status == 200);
    }
    Fixture onlyTemplates(2, {{}, {}, {templateOf("test://{x}")}, {}});
    CHECK(onlyTemplates.list("resources")->result().at("resources") == Json::array());
}

// --- what may not be called

namespace {

Policy hiding(bool hides) {
    return Policy(Settings(Json{{"hide", hides},
                                {"rules",
                                 {{{"tools", {"t1", "t2"}}, {"scopes", {"a"}}},
                                  {{"resources", {"test://*"}}, {"scopes", {"a"}}},
                                  {{"prompts", {"p1"}}, {"scopes", {"a"}}}}}}));
}

} // namespace

TEST_CASE("a list shows only what its caller may call") {
    const Policy policy = hiding(true);
    Fixture f(10, some(), &policy);
    CHECK(names(f.list("tools")->result().at("tools")) == std::vector<std::string>{"t3"});
    CHECK(f.list("resources")->result().at("resources").empty());
    CHECK(f.list("resources/templates")->result().at("resourceTemplates").empty());
    CHECK(names(f.list("prompts")->result().at("prompts")) == std::vector<std::string>{"p2"});
    f.grants = policy.grantsOf({"a"});
    CHECK(f.list("tools")->result().at("tools").size() == 3);
    CHECK(f.list("resources")->result().at("resources").size() == 1);
    CHECK(f.list("resources/templates")->result().at("resourceTemplates").size() == 1);
    CHECK(f.list("prompts")->result().at("prompts").size() == 2);
}

TEST_CASE("a page is filled with what is shown, over what is not") {
    const Policy policy = hiding(true);
    FeatureLists many;
    for (const char* name : {"a1", "t1", "a2", "t2", "a3"}) many.tools.push_back(toolNamed(name));
    Fixture f(2, std::move(many), &policy);
    const Json first = f.list("tools")->result();
    CHECK(names(first.at("tools")) == std::vector<std::string>{"a1", "a2"});
    const Json second = f.list("tools", first.at("nextCursor"))->result();
    CHECK(names(second.at("tools")) == std::vector<std::string>{"a3"});
    CHECK_FALSE(second.contains("nextCursor"));
}

TEST_CASE("a policy may show what it refuses") {
    const Policy policy = hiding(false);
    Fixture f(10, some(), &policy);
    CHECK(f.list("tools")->result().at("tools").size() == 3);
}
