// Telemetry that does nothing, for where nothing is served.
// Threads: any.
#pragma once

#include "base/telemetry.hpp"

namespace gatehouse {

class SilentTelemetry final : public Telemetry {
public:
    void decided(const AuditEvent& /*decision*/) override {}
    void judged(std::string_view /*validator*/, std::string_view /*outcome*/, std::string_view /*reason*/) override {}
    void changed(Gauge /*gauge*/, std::int64_t /*by*/) override {}
    void counted(Counter /*tally*/) override {}
    void budgetUsed(std::string_view /*budget*/, std::int64_t /*by*/) override {}
    void budgetRefused(std::string_view /*budget*/) override {}
};

} // namespace gatehouse
