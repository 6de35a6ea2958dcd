// PreparedParts: everything that a server needs before it takes connections, made from the settings: the validators and
// the backend from their libraries, policy, metadata, tokens. `serve` builds a server around it; `config check` stops
// here.
//
// Threads: as ValidatorRuntime.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/backend.hpp>

#include "auth/gate.hpp"
#include "oauth/resource_metadata.hpp"
#include "server/server.hpp"
#include "server/server_settings.hpp"
#include "server/validator_runtime.hpp"

namespace gatehouse {

class PreparedParts {
public:
    using Purpose = ValidatorRuntime::Purpose;
    PreparedParts(const Config& config, const ServerOptions& options, const Clock& clock, Log& log,
                  Telemetry& telemetry, ValidatorRuntime::Events events, Purpose purpose);

    // Makes all that can be made, and tells of everything that cannot. Nothing on disk has changed when there is a
    // fault. Once.
    void prepare(SettingFaults& faults);
    // What is allowed and perhaps not meant, in words. After prepare().
    const std::vector<std::string>& warnings() const { return warnings_; }

    ValidatorRuntime validators;
    // The rest is there when prepare() told of no fault.
    std::unique_ptr<Backend> backend;
    std::optional<GateOptions> gate;
    FallbackSettings fallback;
    oauth::ResourceMetadata metadata;

private:
    void openBackend(SettingFaults& faults);
    void readMaps(SettingFaults& faults);
    void readGate(SettingFaults& faults);
    void collectWarnings();

    const Config& config_;
    std::vector<std::string> warnings_;
};

// What `config check` says.
struct CheckedSettings {
    SettingFaults faults;
    std::vector<std::string> warnings;
};
// Prepares what a server with these settings would need, short of opening ports, asking anybody and writing anything.
CheckedSettings checkSettings(const Config& config, const ServerOptions& options, const Clock& clock, Log& log);

} // namespace gatehouse
