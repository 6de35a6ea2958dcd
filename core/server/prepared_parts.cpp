#include "server/prepared_parts.hpp"

#include <algorithm>

#include "base/silent_telemetry.hpp"
#include "server/setting_trial.hpp"
#include "server/start_report.hpp"

namespace gatehouse {

PreparedParts::PreparedParts(const Config& config, const ServerOptions& options, const Clock& clock, Log& log,
                             Telemetry& telemetry, ValidatorRuntime::Events events, Purpose purpose)
    : validators(config, {options.executableFolder, options.program, options.parts}, clock, log, telemetry,
                 std::move(events), purpose),
      config_(config) {}

void PreparedParts::prepare(SettingFaults& faults) {
    warnings_ = config_.warnings;
    if (config_.auth.enabled) validators.open(faults);
    openBackend(faults);
    for (const std::string& unused : validators.unusedSettings(faults)) warnings_.push_back(unused);
    readMaps(faults);
    readGate(faults);
    if (config_.auth.enabled) validators.openTokens(faults);
    collectWarnings();
}

void PreparedParts::openBackend(SettingFaults& faults) {
    if (faults.covers("backend.plugin") || faults.covers("backend.settings") || faults.covers("plugins.dir")) return;
    tried(config_, "backend.plugin", faults, [&] { backend = validators.makeBackend(faults); });
}

void PreparedParts::readMaps(SettingFaults& faults) {
    readOrTell(config_, "auth.policy", config_.auth.policy, faults,
               [](const Settings& some) { static_cast<void>(Policy(some)); });
    readOrTell(config_, "auth.resource", config_.auth.resource, faults,
               [](const Settings& some) { static_cast<void>(oauth::ResourceMetadata::from(some, "", {}, {})); });
}

void PreparedParts::readGate(SettingFaults& faults) {
    TokenValidator* const validator = validators.validator();
    const auto isClear = [&](std::initializer_list<const char*> keys) {
        return std::none_of(keys.begin(), keys.end(), [&](const char* key) { return faults.touches(key); });
    };
    Policy policy;
    if (isClear({"auth.policy"})) policy = Policy(Settings(config_.auth.policy, "auth.policy"));
    if (isClear({"auth.resource", "http.address", "http.public_url"}))
        tried(config_, "auth.resource", faults, [&] { metadata = resourceMetadataOf(config_, validator, policy); });
    if (isClear({"auth.fallback", "http.address", "http.public_url"}))
        tried(config_, "auth.fallback", faults, [&] { fallback = fallbackOf(config_, validator); });
    if (isClear({"auth.policy", "auth.resource", "auth.fallback", "http.address", "http.public_url"}))
        gate = gateOptionsOf(config_, validator);
}

void PreparedParts::collectWarnings() {
    const auto add = [this](const std::vector<std::string>& more) {
        warnings_.insert(warnings_.end(), more.begin(), more.end());
    };
    if (validators.validator()) {
        add(validators.shadowingMembers());
        if (gate) add(idleRules(gate->policy, config_.auth));
        if (gate && backend) add(unfittingRules(gate->policy, *backend));
    }
    if (!fallback.token.empty())
        add({"auth.fallback: requests without a token are served by a client made from the environment"});
    if (config_.secretKeys.empty() && !config_.faults.touches("secrets.keys"))
        add({"secrets.keys is not set: cursors and requestState issued before a restart will be rejected"});
}

CheckedSettings checkSettings(const Config& config, const ServerOptions& options, const Clock& clock, Log& log) {
    CheckedSettings out;
    out.faults = config.faults;
    judgeSettings(config, options, out.faults);
    SilentTelemetry telemetry;
    PreparedParts parts(config, options, clock, log, telemetry,
                        {[](std::string_view) {}, [](Change, std::string_view) {}}, PreparedParts::Purpose::trial);
    parts.prepare(out.faults);
    out.warnings = parts.warnings();
    return out;
}

} // namespace gatehouse
