// What one call after another shows: answers, schemas, secrecy, and what runs on the event loop.
#include <sys/resource.h>

#include "base/random.hpp"
#include "kit/backend_checks.hpp"
#include "kit/figures.hpp"
#include "mcp/message/message.hpp"

namespace gatehouse::kit {

namespace {

constexpr int internalError = -32603;

std::string firstText(const Json& result) {
    const Json content = result.value("content", Json::array());
    return content.is_array() && !content.empty() && content[0].is_object() ? content[0].value("text", "") : "";
}

bool isExpected(const Json& expect, const std::string& text) {
    const Json result = Json::parse(text, nullptr, false);
    if (!result.is_object()) return false;
    if (expect.is_string()) return firstText(result) == expect.get<std::string>();
    return result.value("structuredContent", Json()) == expect;
}

void judgeAnswer(BackendBench& bench, const KitCall& call, const KitAnswer& answer) {
    const auto* error = std::get_if<CallError>(&answer.outcome);
    if (error && error->code == internalError)
        bench.report.fault("calls", call.shown() + ": fails within itself (" + error->message +
                                        "): throw ToolError or CallError for what can go wrong");
    else if (call.isOwn && answer.isError)
        bench.report.fault("calls", call.shown() + ": answers an error: " + answer.text.substr(0, 200));
    else if (call.expect && !isExpected(*call.expect, answer.text))
        bench.report.fault(
            "calls", call.shown() + ": answers " + answer.text.substr(0, 200) + ", expected " + call.expect->dump());
}

// How often this thread has given up its turn because it had to wait.
long waits() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

} // namespace

void checkCalls(BackendBench& bench) {
    for (const KitCall& call : bench.calls) {
        if (call.isCancelled) continue;
        bench.progress.beat("calls: " + call.shown());
        judgeAnswer(bench, call, answerTo(bench.backend, call));
        bench.report.count(1);
    }
    bench.progress.beat("calls: a tool that is not there");
    answerTo(bench.backend, {.method = "tools/call", .name = "a tool that nobody has", .uri = ""});
    bench.report.line("calls", std::to_string(bench.calls.size()) + " made");
}

void checkSchemas(BackendBench& bench) {
    for (const KitCall& call : bench.calls) {
        if (call.isCancelled) continue;
        bench.progress.beat("schema: " + call.shown());
        KitAnswer answer = answerTo(bench.backend, call);
        if (!std::holds_alternative<Result>(answer.outcome)) continue;
        const auto report = mcp::examineObject(answer.text, call.output);
        if (!report.isObject) bench.report.fault("schema", call.shown() + ": the result is not a JSON object");
        else if (!report.isError && !report.misfit.empty())
            bench.report.fault("schema", call.shown() + ": the result does not fit its outputSchema: " + report.misfit);
    }
}

void checkCredentials(BackendBench& bench) {
    const std::string credential = "kit-credential-" + randomBase64Url(18, false);
    bench.host.drainLog();
    for (const KitCall& call : bench.calls) {
        if (call.isCancelled) continue;
        bench.progress.beat("secrecy: " + call.shown());
        mcp::InterruptPoint nobody;
        const KitAnswer answer = answerTo(bench.backend, call, "kit-user", nobody, credential);
        if (answer.text.find(credential) != std::string::npos)
            bench.report.fault("secrecy", call.shown() + ": the backend's credential stands in the answer");
    }
    if (bench.host.drainLog().find(credential) != std::string::npos)
        bench.report.fault("secrecy", "the backend's credential is written to the log");
}

void checkInlineCalls(BackendBench& bench) {
    constexpr int calls = 200;
    constexpr double mostMicros = 500;
    int seen = 0;
    bench.host.watchThisThread();
    for (const KitCall& call : bench.calls) {
        if (!call.isInline || !call.isForMany()) continue;
        bench.progress.beat("inline: " + call.shown());
        ++seen;
        const int fetched = bench.host.fetchedByWatched();
        const long waited = waits();
        const double worked = workedMicros();
        for (int i = 0; i < calls; ++i) answerTo(bench.backend, call);
        const double each = (workedMicros() - worked) / calls;
        const bool blocks = waits() - waited > calls / 10 || bench.host.fetchedByWatched() > fetched;
        if (blocks) bench.report.fault("inline", call.shown() + ": waits on the event loop: leave runsInline false");
        if (each > mostMicros)
            bench.report.fault("inline", call.shown() + ": works for too long to run on the event loop");
    }
    bench.report.line("inline", std::to_string(seen) + " features run on the event loop");
}

} // namespace gatehouse::kit
