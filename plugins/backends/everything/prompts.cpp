#include "fixture.hpp"

namespace everything {

namespace {

Json resourceBlock(const std::string& uri, const char* text) {
    return {{"type", "resource"}, {"resource", {{"uri", uri}, {"mimeType", "text/plain"}, {"text", text}}}};
}

CallOutcome withArguments(const Call& call) {
    return PromptResult::user("Prompt with arguments: arg1='" + call.text("arg1") + "', arg2='" + call.text("arg2") +
                              "'");
}

CallOutcome withResource(const Call& call) {
    return PromptResult()
        .add("user", resourceBlock(call.text("resourceUri"), "Embedded resource content for testing."))
        .addUser("Please process the embedded resource above.");
}

CallOutcome withImage(const Call&) {
    return PromptResult()
        .add("user", {{"type", "image"}, {"data", redDot()}, {"mimeType", "image/png"}})
        .addUser("Please analyze the image above.");
}

CallOutcome asking(const Call& call) {
    const Json schema = {
        {"type", "object"}, {"properties", {{"context", {{"type", "string"}}}}}, {"required", {"context"}}};
    const UserAnswer answer = call.context.askUser("user_context", "What context should the prompt use?", schema);
    return PromptResult::user("Use this context: " + answer.content.value("context", "none"));
}

PromptFixture fixture(std::string name, std::string description, Handler handler,
                      std::vector<PromptArgument> arguments = {}) {
    Prompt prompt;
    prompt.name = std::move(name);
    prompt.description = std::move(description);
    prompt.completes = !arguments.empty();
    prompt.arguments = std::move(arguments);
    return {std::move(prompt), std::move(handler)};
}

} // namespace

std::vector<PromptFixture> prompts() {
    return {
        fixture("test_simple_prompt", "A prompt without arguments",
                [](const Call&) { return PromptResult::user("This is a simple prompt for testing."); }),
        fixture("test_prompt_with_arguments", "A prompt with two arguments", withArguments,
                {{"arg1", "First test argument", true}, {"arg2", "Second test argument", true}}),
        fixture("test_prompt_with_embedded_resource", "A prompt with a resource", withResource,
                {{"resourceUri", "URI of the resource to embed", true}}),
        fixture("test_prompt_with_image", "A prompt with an image", withImage),
        fixture("test_input_required_result_prompt", "A prompt that asks the user first", asking),
    };
}

} // namespace everything
