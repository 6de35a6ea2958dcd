// The plain resources, routed for GET: /health, /ready, /metrics. Never behind the gate, so a large body is not read:
// it is answered at its head.
//
// Threads: one (the loop's).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/exchange.hpp"
#include "http/host_guard.hpp"

namespace gatehouse {

struct ProbeAnswer {
    int status = 200;
    std::string body;
    std::string_view contentType = "application/json";
    std::string_view headers = "Cache-Control: no-store\r\n"; // further lines
};

class ProbeHandler final : public http::Handler {
public:
    explicit ProbeHandler(std::function<ProbeAnswer()> answer) : answer_(std::move(answer)) {}
    // Only for hosts that the guard lets pass.
    ProbeHandler(std::function<ProbeAnswer()> answer, http::HostGuard guard)
        : answer_(std::move(answer)), guard_(std::move(guard)) {}
    // Any web page may read it: what a browser asks before is answered with `preflight`, lines ended by CR LF.
    ProbeHandler(std::function<ProbeAnswer()> answer, std::string_view preflight)
        : answer_(std::move(answer)), preflight_(preflight) {}
    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange& exchange) override;

private:
    const std::function<ProbeAnswer()> answer_;
    const std::optional<http::HostGuard> guard_{};
    const std::string preflight_{}; // empty: none
};

} // namespace gatehouse
