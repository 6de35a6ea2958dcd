// BackendPlan: what check.yaml says of a backend: its settings, and calls of one's own.
//
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse::kit {

struct OwnCall {
    std::string tool;
    Json arguments = Json::object();
    std::optional<Json> expect; // the structured content, or a string: the text of the first block
    bool isCancelled = false;   // it takes long, and is interrupted
};

struct BackendPlan {
    Json settings = Json::object(); // the backend's own
    std::vector<OwnCall> calls;     // besides one of each feature, made from its schema
    std::set<std::string> skip;     // features that the kit calls only as `calls` say, if at all
    std::set<std::string> checks;   // that apply
    std::chrono::milliseconds cancelWithin{1000};

    bool has(const std::string& name) const { return checks.count(name) > 0; }
};

// Every check, in the order in which they are made.
const std::vector<std::string>& backendChecks();
// Throws SettingsError naming the key.
BackendPlan backendPlanFrom(const Json& document);

} // namespace gatehouse::kit
