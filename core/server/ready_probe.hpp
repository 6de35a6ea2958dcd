// ReadyProbe: what /health and /ready say. A balancer sends callers elsewhere while every call would be refused or
// fail. Threads: one (the loop's).
#pragma once

#include <map>
#include <string>

#include <gatehouse/backend.hpp>

#include "base/log.hpp"
#include "ops/probe_handlers.hpp"
#include "server/validator_runtime.hpp"

namespace gatehouse {

ProbeAnswer healthAnswer();

class ReadyProbe {
public:
    // All outlive it.
    ReadyProbe(ValidatorRuntime& validators, const Backend& backend, Log& log)
        : validators_(validators), backend_(backend), log_(log) {}

    // Anybody may ask: the reason is for the log, once.
    ProbeAnswer answer();
    bool beginStopping() { return std::exchange(stopping_, true); } // true: it had begun before

private:
    bool isUnready(const char* part, const std::string& why);

    ValidatorRuntime& validators_;
    const Backend& backend_;
    Log& log_;
    std::map<std::string, std::string> told_; // by part
    bool stopping_ = false;
};

} // namespace gatehouse
