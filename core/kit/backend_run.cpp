#include "kit/backend_run.hpp"

#include <array>
#include <ostream>

#include "plugin/library.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::chrono::seconds longestSilence{40};

struct NamedBackendCheck {
    const char* name;
    void (*check)(BackendBench&);
};
constexpr std::array<NamedBackendCheck, 8> checksInOrder{{{"calls", checkCalls},
                                                          {"schema", checkSchemas},
                                                          {"secrecy", checkCredentials},
                                                          {"concurrency", checkCrowd},
                                                          {"cancel", checkCancel},
                                                          {"closing", checkClosing},
                                                          {"leaks", checkCallLeaks},
                                                          {"inline", checkInlineCalls}}};

int checkBackend(const BackendPlan& plan, const MakeBackend& make, CheckReport& report, Progress& progress) {
    KitHost host("https://kit.example/mcp");
    progress.beat("features: the backend is made");
    const auto backend = make(host.deps(), plan.settings);
    try {
        const mcp::FeatureRegistry features(mcp::FeatureLists::of(*backend));
        BackendBench bench{.plan = plan,
                           .host = host,
                           .make = make,
                           .backend = *backend,
                           .features = features,
                           .report = report,
                           .progress = progress};
        bench.calls = callsOf(plan, *backend, features, report);
        timeCalls(bench);
        for (const auto& [name, check] : checksInOrder)
            if (plan.has(name)) check(bench);
    } catch (const mcp::FeatureError& fault) {
        report.fault("features", fault.what());
    }
    return report.close();
}

} // namespace

int runBackendChecks(const BackendPlan& plan, const MakeBackend& make, std::ostream& out) {
    CheckReport report(out, "calls");
    Progress progress;
    for (const std::string& name : backendChecks())
        if (!plan.has(name)) report.line(name, "not checked: left out by the settings");
    const GuardedEnd end =
        runGuarded([&] { return checkBackend(plan, make, report, progress); }, progress, longestSilence);
    if (!end.threw.empty()) throw PluginError(end.threw);
    if (end.fault.empty()) return end.exitCode;
    const std::string where = progress.what();
    report.fault(where.substr(0, where.find(':')), end.fault + " at " + where);
    return report.close();
}

} // namespace gatehouse::kit
