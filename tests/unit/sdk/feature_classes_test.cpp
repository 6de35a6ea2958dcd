// Resource, ResourceTemplate, Prompt and their results: the objects of the protocol that they become.
#include <gatehouse/prompt.hpp>
#include <gatehouse/resource.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a resource and a template have what MCP asks for, and no more than was given") {
    Resource resource;
    resource.uri = "test://r";
    resource.name = "r";
    CHECK(resource.definition() == Json{{"uri", "test://r"}, {"name", "r"}});
    resource.title = "R";
    resource.description = "d";
    resource.mimeType = "text/plain";
    resource.more = {{"size", 5}, {"uri", "wrong"}};
    CHECK(resource.definition() == Json{{"uri", "test://r"},
                                        {"name", "r"},
                                        {"title", "R"},
                                        {"description", "d"},
                                        {"mimeType", "text/plain"},
                                        {"size", 5}});
    ResourceTemplate family;
    family.uriTemplate = "test://{x}";
    family.name = "x";
    CHECK(family.definition() == Json{{"uriTemplate", "test://{x}"}, {"name", "x"}});
    family.mimeType = "text/plain";
    family.more = {{"_meta", {{"a", 1}}}, {"name", "wrong"}};
    CHECK(family.definition() ==
          Json{{"uriTemplate", "test://{x}"}, {"name", "x"}, {"mimeType", "text/plain"}, {"_meta", {{"a", 1}}}});
}

TEST_CASE("a prompt has its arguments") {
    Prompt prompt;
    prompt.name = "p";
    CHECK(prompt.definition() == Json{{"name", "p"}});
    prompt.arguments = {{"who", "Whom to greet.", true, "Who"}, {"how", ""}};
    prompt.more = {{"icons", Json::array()}, {"arguments", "wrong"}};
    CHECK(prompt.definition() ==
          Json{{"name", "p"},
               {"icons", Json::array()},
               {"arguments",
                {{{"name", "who"}, {"title", "Who"}, {"description", "Whom to greet."}, {"required", true}},
                 {{"name", "how"}, {"required", false}}}}});
}

TEST_CASE("what is read has contents of text and of bytes") {
    const auto read = [](const Result& result) { return Json::parse(result.json()); };
    CHECK(read(ResourceResult::text("test://\"r\"", "text/plain", "a\nb")) ==
          Json{{"contents", {{{"uri", "test://\"r\""}, {"mimeType", "text/plain"}, {"text", "a\nb"}}}}});
    CHECK(read(ResourceResult::blob("test://r", "", "AAAA").add("test://s", "text/plain", "text", "")) ==
          Json{{"contents",
                {{{"uri", "test://r"}, {"blob", "AAAA"}},
                 {{"uri", "test://s"}, {"mimeType", "text/plain"}, {"text", ""}}}}});
}

TEST_CASE("a prompt's result has messages of both sides") {
    const Result result = PromptResult::user("a").addAssistant("b").add("user", {{"type", "image"}}).describe("d");
    CHECK(Json::parse(result.json()) == Json{{"description", "d"},
                                             {"messages",
                                              {{{"role", "user"}, {"content", {{"type", "text"}, {"text", "a"}}}},
                                               {{"role", "assistant"}, {"content", {{"type", "text"}, {"text", "b"}}}},
                                               {{"role", "user"}, {"content", {{"type", "image"}}}}}}});
    CHECK_NOTHROW(Json::parse(Result(PromptResult::user("not UTF-8: \xFF")).json()));
}

TEST_CASE("a completion tells at most a hundred values, and how many there are") {
    const auto completion = [](std::size_t count) {
        return Json::parse(Result(Completion{std::vector<std::string>(count, "x")}).json()).at("completion");
    };
    CHECK(completion(0) == Json{{"values", Json::array()}, {"total", 0}, {"hasMore", false}});
    CHECK(completion(100).at("values").size() == 100);
    CHECK(completion(100).at("hasMore") == false);
    CHECK(completion(101).at("values").size() == 100);
    CHECK(completion(101).at("total") == 101);
    CHECK(completion(101).at("hasMore") == true);
}
