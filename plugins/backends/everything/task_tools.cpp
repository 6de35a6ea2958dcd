#include "fixture.hpp"

#include <chrono>
#include <thread>

namespace everything {

namespace {

using namespace std::chrono_literals;

CallOutcome compute(const Call& call) {
    const double seconds = call.arguments.value("seconds", 1.0);
    const std::string label = call.text("label", "job");
    for (auto left = std::chrono::milliseconds(static_cast<int>(seconds * 1000)); left > 0ms; left -= 20ms) {
        if (call.context.cancelled()) return Result::failure("cancelled");
        std::this_thread::sleep_for(20ms);
    }
    return Result::text("Computed " + label);
}

CallOutcome confirmDelete(const Call& call) {
    const Json schema = {
        {"type", "object"}, {"properties", {{"confirm", {{"type", "boolean"}}}}}, {"required", {"confirm"}}};
    const UserAnswer answer = call.context.askUser("confirm", "Delete " + call.text("filename") + "?", schema);
    const bool yes = answer.accepted() && answer.content.value("confirm", false);
    return Result::text((yes ? "Deleted " : "Kept ") + call.text("filename"));
}

CallOutcome multiInput(const Call& call) {
    const Json form = {{"type", "object"}, {"properties", {{"name", {{"type", "string"}}}}}, {"required", {"name"}}};
    const Json answers = call.context.ask(std::vector<InputRequest>{elicitation("first", "First name?", form),
                                                                    elicitation("second", "Second name?", form)});
    return Result::text("Inputs: " + answers.dump());
}

// Asks first; what takes its time is a task.
CallOutcome askThenWork(const Call& call) {
    const Json schema = {{"type", "object"}, {"properties", {{"name", {{"type", "string"}}}}}, {"required", {"name"}}};
    const UserAnswer answer = call.context.askUser("user_name", "What is your name?", schema);
    call.context.becomeTask();
    return Result::text("Done for " + answer.content.value("name", "nobody"));
}

ToolFixture task(ToolFixture fixture, Tool::Tasks tasks = Tool::Tasks::optional, bool fromStart = true) {
    fixture.tool.tasks = tasks;
    fixture.tool.taskFromStart = fromStart;
    return fixture;
}

} // namespace

std::vector<ToolFixture> taskTools() {
    return {
        toolFixture("greet", "Greets at once",
                    [](const Call& call) { return Result::text("Hello, " + call.text("name", "world") + "!"); },
                    {{"name", stringProperty("Whom")}}),
        task(toolFixture("slow_compute", "Computes for some seconds", compute,
                         {{"seconds", {{"type", "number"}, {"minimum", 0}}}, {"label", stringProperty("What")}})),
        task(toolFixture("failing_job", "Fails as a tool",
                         [](const Call&) { return Result::failure("The job failed"); }),
             Tool::Tasks::required),
        task(toolFixture("protocol_error_job", "Fails as a call",
                         [](const Call&) {
                             return CallError{-32603, "The job cannot be done", ""};
                         })),
        task(toolFixture("confirm_delete", "Asks before it deletes", confirmDelete,
                         {{"filename", stringProperty("Which file")}})),
        task(toolFixture("multi_input", "Asks two things", multiInput)),
        task(toolFixture("test_tool_with_task", "Asks, then runs as a task", askThenWork), Tool::Tasks::required,
             false),
    };
}

} // namespace everything
