// The kit for backends from its settings to its report.
#include "kit/backend_run.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

#include "support/scratch_folder.hpp"
#include "support/scripted_backend.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;
using Catch::Contains;

namespace {

// Written by another process, so it is a file.
struct Report {
    explicit Report(const ScriptedTools::Script& script) {
        const ScratchFolder folder;
        std::ofstream out(folder.file("report"));
        const MakeBackend make = [&](HostDeps&, const Json&) { return std::make_unique<ScriptedTools>(script); };
        code = runBackendChecks(backendPlanFrom(Json{{"without", {"leaks"}}}), make, out);
        std::ifstream in(folder.file("report"));
        said.assign(std::istreambuf_iterator<char>(in), {});
    }
    int code = 0;
    std::string said;
};

} // namespace

TEST_CASE("a right backend passes, and what was left out is told") {
    const Report report({});
    CHECK(report.code == 0);
    CHECK_THAT(report.said, Contains("leaks") && Contains("left out by the settings"));
}

TEST_CASE("a backend that ends the process is told with where it was") {
    ScriptedTools::Script script;
    script.call = [](const CallRequest&, const Identity&, std::string_view) -> CallOutcome {
        std::signal(SIGABRT, SIG_DFL), std::abort();
    };
    const Report report(script);
    CHECK(report.code == 1);
    CHECK_THAT(report.said, Contains("it crashed (Aborted) at calls: tools/call echo"));
}

TEST_CASE("features that cannot be served are a fault, and nothing is called") {
    ScriptedTools::Script script;
    script.tools = {ScriptedTools::named("one"), ScriptedTools::named("one")};
    const Report report(script);
    CHECK(report.code == 1);
    CHECK_THAT(report.said, Contains("FAULT features: ") && Contains("one"));
}
