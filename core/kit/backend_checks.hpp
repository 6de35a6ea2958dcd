// The checks of the kit for backends. Each calls the backend as a server would, and tells the report.
//
// Threads: one calls; the checks that need more threads have their own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/backend.hpp>

#include "kit/backend_plan.hpp"
#include "kit/check_report.hpp"
#include "kit/guarded_run.hpp"
#include "kit/kit_host.hpp"
#include "mcp/call/client_lease.hpp"
#include "mcp/feature/feature_registry.hpp"

namespace gatehouse::kit {

// Makes the backend under check. Throws what makes it impossible.
using MakeBackend = std::function<std::unique_ptr<Backend>(HostDeps& deps, const Json& settings)>;

// A call that the kit makes.
struct KitCall {
    std::string method; // as CallRequest wants them
    std::string name;
    std::string uri;
    std::string argumentsJson = "{}";
    std::optional<Json> expect = {};
    bool isOwn = false; // of check.yaml: it must succeed
    bool isCancelled = false;
    bool isInline = false;
    bool isSlow = false;                        // too slow to be made many times
    const schema::JsonSchema* output = nullptr; // of the tool; null: none

    std::string shown() const { return method + " " + name; }
    bool isForMany() const { return !isCancelled && !isSlow; }
};

// All that a check works with.
struct BackendBench {
    const BackendPlan& plan;
    KitHost& host;
    const MakeBackend& make;
    Backend& backend;
    const mcp::FeatureRegistry& features;
    CheckReport& report;
    Progress& progress;
    std::vector<KitCall> calls = {};

    std::unique_ptr<Backend> another() const { return make(host.deps(), plan.settings); }
};

// One call of every feature, with arguments made from its schema, and those of check.yaml. What no arguments can be
// made for is told, and not called.
std::vector<KitCall> callsOf(const BackendPlan& plan, const Backend& backend, const mcp::FeatureRegistry& features,
                             CheckReport& report);

// Makes each once, and tells which are slow.
void timeCalls(BackendBench& bench);

struct KitAnswer {
    CallOutcome outcome;
    std::string text;     // of a result: its JSON; of an error: code and message; of a question: which
    bool isError = false; // a result with isError, or an error
};
// Makes a client of that caller, calls, and closes it.
KitAnswer answerTo(Backend& backend, const KitCall& call, const std::string& caller, mcp::InterruptPoint& point,
                   std::string_view credential = {});
KitAnswer answerTo(Backend& backend, const KitCall& call, const std::string& caller = "kit-user");

void checkCalls(BackendBench& bench);       // each answers, and as check.yaml expects
void checkSchemas(BackendBench& bench);     // results fit the outputSchema
void checkCredentials(BackendBench& bench); // no word of a credential in logs and answers
void checkInlineCalls(BackendBench& bench); // what runs on the event loop never blocks
void checkCrowd(BackendBench& bench);       // many callers at once, each its own answer
void checkCancel(BackendBench& bench);      // an interrupted call returns soon
void checkClosing(BackendBench& bench);     // clients that never call, or are interrupted as they go
void checkCallLeaks(BackendBench& bench);   // memory, descriptors, threads

} // namespace gatehouse::kit
