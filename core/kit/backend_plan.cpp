#include "kit/backend_plan.hpp"

#include <algorithm>

#include <gatehouse/settings.hpp>

#include "base/joined.hpp"

namespace gatehouse::kit {

namespace {

OwnCall ownCallFrom(const Json& json, const std::string& at) {
    if (!json.is_object()) throw SettingsError(at + ": expected a map, got " + json.type_name());
    const Settings call(json, at);
    call.allowOnly({"tool", "arguments", "expect", "cancel"});
    OwnCall out;
    out.tool = call.string("tool");
    static_cast<void>(call.map("arguments"));
    out.arguments = json.value("arguments", Json::object());
    if (json.contains("expect")) out.expect = json["expect"];
    out.isCancelled = call.flag("cancel", false);
    return out;
}

void mustBeCheck(const std::string& setting, const std::string& name) {
    const auto& known = backendChecks();
    if (std::find(known.begin(), known.end(), name) == known.end())
        throw SettingsError(setting + ": expected some of " + joined(known) + ", got \"" + name + "\"");
}

} // namespace

const std::vector<std::string>& backendChecks() {
    static const std::vector<std::string> all{"calls",  "schema",  "secrecy", "concurrency",
                                              "cancel", "closing", "leaks",   "inline"};
    return all;
}

BackendPlan backendPlanFrom(const Json& json) {
    const Settings document(json);
    document.allowOnly({"settings", "calls", "skip", "classes", "without", "cancel_within_ms"});
    BackendPlan plan;
    static_cast<void>(document.map("settings"));
    plan.settings = json.value("settings", Json::object());
    const Json calls = json.value("calls", Json::array());
    if (!calls.is_array()) throw SettingsError(std::string("calls: expected a list, got ") + calls.type_name());
    for (std::size_t i = 0; i < calls.size(); ++i)
        plan.calls.push_back(ownCallFrom(calls[i], "calls[" + std::to_string(i) + "]"));
    const auto skip = document.strings("skip");
    plan.skip.insert(skip.begin(), skip.end());
    const auto wanted = document.has("classes") ? document.strings("classes") : backendChecks();
    for (const std::string& name : wanted) mustBeCheck("classes", name);
    plan.checks.insert(wanted.begin(), wanted.end());
    for (const std::string& name : document.strings("without")) {
        mustBeCheck("without", name);
        plan.checks.erase(name);
    }
    plan.cancelWithin =
        std::chrono::milliseconds(document.integer("cancel_within_ms", plan.cancelWithin.count(), 10, 30'000));
    return plan;
}

} // namespace gatehouse::kit
