#include "mcp/session/client_answers.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;

namespace {

const Json nameForm = {{"type", "object"},
                       {"properties", {{"name", {{"type", "string"}}}, {"age", {{"type", "integer"}}}}},
                       {"required", {"name"}}};

InputRequired askFor(const InputRequest& request) { return {{request}}; }
InputRequired form(const std::string& key = "who") { return askFor(elicitation(key, "Name?", nameForm)); }
Json accept(const Json& content) { return {{"action", "accept"}, {"content", content}}; }
Json answersOf(const ClientAnswers& answers) { return Json::parse(answers.answersJson()); }
std::size_t leftOf(const std::optional<InputRequired>& left) { return left ? left->requests.size() : 999; }

} // namespace

TEST_CASE("what is asked is left to ask until it is answered") {
    ClientAnswers answers;
    CHECK(answersOf(answers) == Json::object());
    CHECK(leftOf(answers.ask(form())) == 1);
    CHECK(answers.accept("who", accept({{"name", "Ada"}})));
    CHECK(answersOf(answers) == Json{{"who", accept({{"name", "Ada"}})}});
}

TEST_CASE("an answer is of the shape that was asked for, or is not taken") {
    struct Row {
        const char* what;
        InputRequest request;
        Json answer;
        bool fits;
    };
    const InputRequest ask = elicitation("k", "?", nameForm), url{"k", "elicitation/create", {{"mode", "url"}}};
    for (const Row& row : std::initializer_list<Row>{
             {"an accepted form", ask, accept({{"name", "Ada"}, {"age", 36}}), true},
             {"a further member", ask, accept({{"name", "Ada"}, {"more", 1}}), true},
             {"a declined form", ask, {{"action", "decline"}}, true},
             {"a cancelled form", ask, {{"action", "cancel"}}, true},
             {"another action", ask, {{"action", "maybe"}}, false},
             {"an action that is no text", ask, {{"action", 1}}, false},
             {"no action", ask, {{"content", {{"name", "Ada"}}}}, false},
             {"accepted without content", ask, {{"action", "accept"}}, false},
             {"content that is a list", ask, accept(Json::array()), false},
             {"a required member missing", ask, accept({{"age", 36}}), false},
             {"a member of another type", ask, accept({{"name", 5}}), false},
             {"a fraction for an integer", ask, accept({{"name", "Ada"}, {"age", 1.5}}), false},
             {"a URL that was visited", url, {{"action", "accept"}}, true},
             {"a sampled text", sampling("k", "?", 10), {{"role", "assistant"}, {"content", Json::object()}}, true},
             {"a sampled nothing", sampling("k", "?", 10), {{"role", "assistant"}}, false},
             {"roots", rootsList("k"), {{"roots", Json::array()}}, true},
             {"roots that are no list", rootsList("k"), {{"roots", "x"}}, false},
             {"no roots", rootsList("k"), Json::object(), false},
             {"no object", ask, Json::array(), false},
             {"nothing", ask, Json(), false}}) {
        DYNAMIC_SECTION(row.what) {
            ClientAnswers answers;
            answers.ask(askFor(row.request));
            CHECK(answers.accept("k", row.answer) == row.fits);
            CHECK(answersOf(answers).contains("k") == row.fits);
        }
    }
}

TEST_CASE("each type of a form's member is told from the others") {
    const Json values = {{"string", "x"}, {"boolean", true}, {"integer", 1}, {"number", 1.5}, {"array", {"x"}}};
    for (const auto& [type, right] : values.items()) {
        for (const auto& [other, value] : values.items()) {
            DYNAMIC_SECTION(other << " for " << type) {
                ClientAnswers answers;
                answers.ask(askFor(elicitation("k", "?", {{"properties", {{"m", {{"type", type}}}}}})));
                const bool fits = type == other || (type == "number" && other == "integer");
                CHECK(answers.accept("k", accept({{"m", value}})) == fits);
            }
        }
    }
}

TEST_CASE("a schema that the backend got wrong harms nobody") {
    for (const Json& schema :
         std::initializer_list<Json>{{{"properties", {{"m", {{"type", Json::array({"string", "null"})}}}}}},
                                     {{"properties", {{"m", true}}}},
                                     {{"properties", Json::array()}},
                                     {{"required", "m"}},
                                     {{"required", Json::array({1})}},
                                     Json::array(),
                                     "text",
                                     Json()}) {
        DYNAMIC_SECTION(schema.dump()) {
            ClientAnswers answers;
            REQUIRE_NOTHROW(answers.ask(askFor(elicitation("k", "?", schema))));
            bool taken = false;
            CHECK_NOTHROW(taken = answers.accept("k", accept({{"m", 1}})));
            CHECK(taken);
        }
    }
}

TEST_CASE("unknown keys are ignored") {
    ClientAnswers answers;
    answers.ask(form());
    CHECK_FALSE(answers.accept("other", accept({{"name", "Ada"}})));
    answers.offer({{"other", accept({{"name", "Eve"}})}, {"who", accept({{"name", "Ada"}})}});
    CHECK(answersOf(answers) == Json{{"who", accept({{"name", "Ada"}})}});
}

TEST_CASE("answers that came unasked are taken when they fit what is asked then") {
    ClientAnswers answers;
    answers.offer({{"who", accept({{"name", "Ada"}})}, {"wrong", accept({{"name", 5}})}});
    CHECK(answersOf(answers) == Json::object());
    InputRequired both = form();
    both.requests.push_back(form("wrong").requests[0]);
    const auto left = answers.ask(both);
    REQUIRE(leftOf(left) == 1);
    CHECK(left->requests[0].key == "wrong");
    CHECK(answersOf(answers) == Json{{"who", accept({{"name", "Ada"}})}});
}

TEST_CASE("answers that are no object are none") {
    ClientAnswers answers;
    answers.ask(form());
    for (const Json& bad :
         std::initializer_list<Json>{Json(), "x", 5, Json::array({1}), Json(Json::value_t::discarded)})
        CHECK_NOTHROW(answers.offer(bad));
    CHECK(answersOf(answers) == Json::object());
}

TEST_CASE("a call that asks for nothing, or too often, is not asked on") {
    ClientAnswers answers;
    CHECK_FALSE(answers.ask({}).has_value());
    for (std::size_t i = 0; i < ClientAnswers::maxRounds; ++i)
        REQUIRE(leftOf(answers.ask(form("k" + std::to_string(i)))) == 1);
    CHECK_FALSE(answers.ask(form("once more")).has_value());
}

TEST_CASE("what is known travels as text, the rounds with it") {
    ClientAnswers answers;
    answers.ask(form("first"));
    answers.accept("first", accept({{"name", "Ada"}}));
    answers.ask(form("second"));
    auto back = ClientAnswers::fromJson(answers.json());
    REQUIRE(back);
    CHECK(back->answersJson() == answers.answersJson());
    CHECK(back->accept("second", accept({{"name", "Bob"}})));
    CHECK_FALSE(back->accept("first", accept({{"name", "Eve"}}))); // asked in another round
    for (std::size_t i = 2; i < ClientAnswers::maxRounds; ++i) {
        REQUIRE(back->ask(form("k" + std::to_string(i))));
        back = ClientAnswers::fromJson(back->json());
    }
    CHECK_FALSE(back->ask(form("once more")).has_value());
}

TEST_CASE("a text that is no state of ours is none") {
    for (const char* bad : {"", "{", "[]", "5", "{}", R"({"answers":{},"asked":[]})", R"({"answers":1,"asked":{}})"})
        CHECK_FALSE(ClientAnswers::fromJson(bad).has_value());
    // Without its rounds it asks nothing more.
    auto roundless = ClientAnswers::fromJson(R"({"answers":{},"asked":{}})");
    REQUIRE(roundless);
    CHECK_FALSE(roundless->ask(form()).has_value());
}

TEST_CASE("a client is only asked for what it declared") {
    struct Row {
        const char* what;
        InputRequest request;
        const char* declared;
        const char* missing; // null: nothing
    };
    const InputRequest ask = elicitation("k", "?", nameForm), url{"k", "elicitation/create", {{"mode", "url"}}};
    const InputRequest tools = sampling("k", "?", 10, {{"tools", Json::array()}});
    for (const Row& row : std::initializer_list<Row>{
             {"a form", ask, R"({"elicitation":{}})", nullptr},
             {"a form, with URLs", ask, R"({"elicitation":{"form":{},"url":{}}})", nullptr},
             {"a form, nothing declared", ask, "{}", R"({"elicitation":{}})"},
             {"a form, no JSON declared", ask, "", R"({"elicitation":{}})"},
             {"a form, a list declared", ask, "[]", R"({"elicitation":{}})"},
             {"a URL", url, R"({"elicitation":{"url":{}}})", nullptr},
             {"a URL, forms declared", url, R"({"elicitation":{}})", R"({"elicitation":{"url":{}}})"},
             {"a text", sampling("k", "?", 10), R"({"sampling":{}})", nullptr},
             {"a text, other things declared", sampling("k", "?", 10), R"({"roots":{}})", R"({"sampling":{}})"},
             {"a text with tools", tools, R"({"sampling":{"tools":{}}})", nullptr},
             {"a text with tools, texts declared", tools, R"({"sampling":{}})", R"({"sampling":{"tools":{}}})"},
             {"a text with a choice of tools", sampling("k", "?", 10, {{"toolChoice", Json::object()}}),
              R"({"sampling":{}})", R"({"sampling":{"tools":{}}})"},
             {"roots", rootsList("k"), R"({"roots":{"listChanged":true}})", nullptr},
             {"roots, nothing declared", rootsList("k"), "{}", R"({"roots":{}})"}}) {
        DYNAMIC_SECTION(row.what) {
            const Json missing = ClientAnswers::missingCapabilities(askFor(row.request), row.declared);
            CHECK(missing == (row.missing ? Json::parse(row.missing) : Json()));
        }
    }
}

TEST_CASE("all that is missing is told at once") {
    const InputRequired all{{elicitation("a", "?", nameForm),
                             {"b", "elicitation/create", {{"mode", "url"}}},
                             sampling("c", "?", 10),
                             rootsList("d")}};
    CHECK(ClientAnswers::missingCapabilities(all, R"({"roots":{}})") ==
          Json{{"elicitation", {{"url", Json::object()}}}, {"sampling", Json::object()}});
}
