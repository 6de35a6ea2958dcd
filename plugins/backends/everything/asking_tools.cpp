#include "fixture.hpp"

namespace everything {

namespace {

Json form(Json properties, std::vector<std::string> required = {}) {
    return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json textForm(const char* name) { return form({{name, {{"type", "string"}}}}, {name}); }

std::string responseOf(const UserAnswer& answer) {
    const char* action = answer.accepted()                              ? "accept"
                         : answer.action == UserAnswer::Action::decline ? "decline"
                                                                        : "cancel";
    return std::string("action=") + action + ", content=" + answer.content.dump();
}

// --- one question, in any era

CallOutcome sample(const Call& call) {
    return Result::text("LLM response: " + call.context.sample("sampling", call.text("prompt"), 100));
}

CallOutcome elicit(const Call& call) {
    const Json schema = form({{"username", {{"type", "string"}, {"description", "User's response"}}},
                              {"email", {{"type", "string"}, {"description", "User's email address"}}}},
                             {"username", "email"});
    const UserAnswer answer = call.context.askUser("user", call.text("message"), schema);
    return Result::text("User response: " + responseOf(answer));
}

CallOutcome elicitDefaults(const Call& call) {
    const Json schema =
        form({{"name", {{"type", "string"}, {"default", "John Doe"}}},
              {"age", {{"type", "integer"}, {"default", 30}}},
              {"score", {{"type", "number"}, {"default", 95.5}}},
              {"status", {{"type", "string"}, {"enum", {"active", "inactive", "pending"}}, {"default", "active"}}},
              {"verified", {{"type", "boolean"}, {"default", true}}}});
    const UserAnswer answer = call.context.askUser("defaults", "Please review and update the form fields", schema);
    return Result::text("Elicitation completed: " + responseOf(answer));
}

Json titled(std::initializer_list<std::pair<const char*, const char*>> options) {
    Json list = Json::array();
    for (const auto& [value, title] : options) list.push_back({{"const", value}, {"title", title}});
    return list;
}

CallOutcome elicitEnums(const Call& call) {
    const Json plain = {"option1", "option2", "option3"};
    const Json schema = form(
        {{"untitledSingle", {{"type", "string"}, {"enum", plain}}},
         {"titledSingle",
          {{"type", "string"},
           {"oneOf", titled({{"value1", "First Option"}, {"value2", "Second Option"}, {"value3", "Third Option"}})}}},
         {"legacyEnum",
          {{"type", "string"},
           {"enum", {"opt1", "opt2", "opt3"}},
           {"enumNames", {"Option One", "Option Two", "Option Three"}}}},
         {"untitledMulti", {{"type", "array"}, {"items", {{"type", "string"}, {"enum", plain}}}}},
         {"titledMulti",
          {{"type", "array"},
           {"items",
            {{"anyOf",
              titled({{"value1", "First Choice"}, {"value2", "Second Choice"}, {"value3", "Third Choice"}})}}}}}});
    const UserAnswer answer = call.context.askUser("enums", "Please select options from the enum fields", schema);
    return Result::text("Elicitation completed: " + responseOf(answer));
}

// --- several rounds, several questions

CallOutcome greetByName(const Call& call) {
    const UserAnswer answer = call.context.askUser("user_name", "What is your name?", textForm("name"));
    return Result::text("Hello, " + answer.content.value("name", "stranger") + "!");
}

CallOutcome capital(const Call& call) {
    return Result::text(call.context.sample("capital_question", "What is the capital of France?", 100));
}

CallOutcome listRoots(const Call& call) {
    const Json answer = call.context.ask(rootsList("client_roots"));
    return Result::text("Roots: " + answer.value("roots", Json::array()).dump());
}

CallOutcome confirmState(const Call& call) {
    call.context.askUser("confirm", "Please confirm", form({{"ok", {{"type", "boolean"}}}}, {"ok"}));
    return Result::text("state-ok");
}

CallOutcome multipleInputs(const Call& call) {
    const Json answers = call.context.ask(std::vector<InputRequest>{
        elicitation("user_name", "What is your name?", textForm("name")),
        sampling("greeting", "Generate a greeting", 50),
        rootsList("client_roots"),
    });
    return Result::text("Inputs: " + answers.dump());
}

CallOutcome multiRound(const Call& call) {
    const UserAnswer name = call.context.askUser("step1", "Step 1: What is your name?", textForm("name"));
    const UserAnswer color = call.context.askUser("step2", "Step 2: What is your favorite color?", textForm("color"));
    return Result::text(name.content.value("name", "") + " likes " + color.content.value("color", ""));
}

// Only what the client can answer.
CallOutcome byCapabilities(const Call& call) {
    std::vector<InputRequest> requests;
    if (call.context.clientCan("elicitation"))
        requests.push_back(elicitation("user_name", "What is your name?", textForm("name")));
    if (call.context.clientCan("sampling")) requests.push_back(sampling("greeting", "Generate a greeting", 50));
    if (requests.empty()) return Result::text("This client can be asked nothing");
    return Result::text("Inputs: " + call.context.ask(std::move(requests)).dump());
}

} // namespace

std::vector<ToolFixture> askingTools() {
    const std::string round = "test_input_required_result_";
    return {
        toolFixture("test_sampling", "Asks the client's model", sample, {{"prompt", stringProperty("The prompt")}},
                    {"prompt"}),
        toolFixture("test_elicitation", "Asks the user", elicit, {{"message", stringProperty("What to ask")}},
                    {"message"}),
        toolFixture("test_elicitation_sep1034_defaults", "Asks the user with default values", elicitDefaults),
        toolFixture("test_elicitation_sep1330_enums", "Asks the user to choose, in five ways", elicitEnums),
        toolFixture("test_streaming_elicitation", "Asks the user for a name", greetByName),
        toolFixture("test_missing_capability", "Needs sampling", capital),
        toolFixture(round + "elicitation", "Asks the user for a name", greetByName),
        toolFixture(round + "sampling", "Asks the client's model for a capital", capital),
        toolFixture(round + "list_roots", "Asks for the client's roots", listRoots),
        toolFixture(round + "request_state", "Asks for a confirmation", confirmState),
        toolFixture(round + "multiple_inputs", "Asks three things at once", multipleInputs),
        toolFixture(round + "multi_round", "Asks twice", multiRound),
        toolFixture(round + "tampered_state", "Asks for a confirmation", confirmState),
        toolFixture(round + "capabilities", "Asks only what the client can answer", byCapabilities),
    };
}

} // namespace everything
