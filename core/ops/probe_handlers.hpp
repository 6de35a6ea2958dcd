// The plain GET resources: /health, /ready, /metrics. Never behind the gate, so a large body is not read: it is answered at
// its head.
//
// Threads: one (the loop's).
#pragma once

#include <functional>
#include <string>

#include "http/exchange.hpp"

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
    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange& exchange) override;

private:
    const std::function<ProbeAnswer()> answer_;
};

} // namespace gatehouse
