#include <gatehouse/backend.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

class KnowingContext final : public CallContext {
public:
    bool cancelled() const override { return false; }
    void progress(double, std::optional<double>, std::string_view) override {}
    std::string_view answersJson() const override { return answers; }
    std::string_view clientCapabilitiesJson() const override { return capabilities; }
    std::string answers = "{}", capabilities = "{}";
};

// The keys that `ask` throws to ask for; empty when it has its answers.
template <class Ask>
std::vector<std::string> asks(const Ask& ask) {
    std::vector<std::string> keys;
    try {
        ask();
    } catch (const InputRequired& missing) {
        for (const InputRequest& request : missing.requests) keys.push_back(request.key);
    }
    return keys;
}

using Keys = std::vector<std::string>;

} // namespace

TEST_CASE("what was not answered yet is asked for, what was answered is given") {
    KnowingContext context;
    const auto both = [&] { return context.ask({rootsList("a"), rootsList("b")}); };
    CHECK(asks(both) == Keys{"a", "b"});
    context.answers = R"({"b":{"roots":[]}})";
    CHECK(asks(both) == Keys{"a"});
    context.answers = R"({"a":1,"b":{"roots":[]},"c":2})";
    CHECK(both() == Json{{"a", 1}, {"b", {{"roots", Json::array()}}}});
    CHECK(context.ask(rootsList("a")) == 1);
    context.answers = "not json";
    CHECK(asks(both) == Keys{"a", "b"});
}

TEST_CASE("a handler's own catch clauses for failures let a question pass") {
    KnowingContext context;
    bool caught = false;
    const auto handler = [&] {
        try {
            context.ask(rootsList("a"));
        } catch (const std::exception&) {
            caught = true;
        }
    };
    CHECK(asks(handler) == Keys{"a"});
    CHECK_FALSE(caught);
}

TEST_CASE("a user accepts, declines or cancels") {
    KnowingContext context;
    const auto answer = [&](const std::string& result) {
        context.answers = R"({"k":)" + result + "}";
        return context.askUser("k", "?", Json::object());
    };
    CHECK(answer(R"({"action":"accept","content":{"a":1}})").accepted());
    CHECK(answer(R"({"action":"accept","content":{"a":1}})").content == Json{{"a", 1}});
    CHECK(answer(R"({"action":"accept"})").content == Json::object());
    CHECK(answer(R"({"action":"decline"})").action == UserAnswer::Action::decline);
    CHECK(answer(R"({"action":"cancel"})").action == UserAnswer::Action::cancel);
    CHECK(answer("{}").action == UserAnswer::Action::cancel);
}

TEST_CASE("a model's text is its answer, anything else is none") {
    KnowingContext context;
    const auto sampled = [&](const std::string& result) {
        context.answers = R"({"k":)" + result + "}";
        return context.sample("k", "?", 10);
    };
    CHECK(sampled(R"({"content":{"type":"text","text":"hello"}})") == "hello");
    CHECK(sampled(R"({"content":{"type":"image"}})").empty());
    CHECK(sampled(R"({"content":[]})").empty());
    CHECK(sampled("{}").empty());
}

TEST_CASE("a capability is declared by an object, at every level of its name") {
    KnowingContext context;
    context.capabilities = R"({"elicitation":{"url":{}},"sampling":{},"roots":true})";
    CHECK(context.clientCan("elicitation"));
    CHECK(context.clientCan("elicitation.url"));
    CHECK(context.clientCan("sampling"));
    for (const char* no : {"sampling.tools", "roots", "elicitation.form", "nothing", "elicitation.url.x"})
        CHECK_FALSE(context.clientCan(no));
    context.capabilities = "[]";
    CHECK_FALSE(context.clientCan("roots"));
}

TEST_CASE("requests are written and read again as they were") {
    const InputRequired asked{{elicitation("a", "Who?", {{"type", "object"}}),
                               sampling("b", "Say \"hi\"", 10, {{"systemPrompt", "s"}, {"maxTokens", 1}}),
                               rootsList("c")}};
    const InputRequired read = InputRequired::fromJson(asked.json());
    REQUIRE(read.requests.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(read.requests[i].key == asked.requests[i].key);
        CHECK(read.requests[i].method == asked.requests[i].method);
        CHECK(read.requests[i].params == asked.requests[i].params);
    }
    CHECK(asked.requests[0].params.at("mode") == "form");
    CHECK(asked.requests[1].params.at("maxTokens") == 10);
    CHECK(asked.requests[1].params.at("systemPrompt") == "s");
    CHECK(asked.requests[1].params.at("messages").at(0).at("content").at("text") == "Say \"hi\"");
    for (const char* bad : {"", "[]", "5", "{"}) CHECK(InputRequired::fromJson(bad).requests.empty());
}
