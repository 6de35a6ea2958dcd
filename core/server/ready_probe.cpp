#include "server/ready_probe.hpp"

#include "mcp/server_info.hpp"

namespace gatehouse {

ProbeAnswer healthAnswer() {
    return {200, R"({"status":"ok","server":"gatehouse","version":")" + std::string(mcp::serverVersion()) + R"("})"};
}

bool ReadyProbe::isUnready(const char* part, const std::string& why) {
    std::string& told = told_[part];
    if (why != told) log_.warning("/ready: " + std::string(part) + ": " + (why.empty() ? "ready again" : why));
    told = why;
    return !why.empty();
}

ProbeAnswer ReadyProbe::answer() {
    if (stopping_) return {503, R"({"status":"stopping"})"};
    const auto* judge = validators_.validator();
    if (isUnready("validator", judge ? judge->notReady() : ""))
        return {503, R"({"status":"unready","validator":"no token can be judged now; the log says why"})"};
    if (isUnready("backend", backend_.notReady()))
        return {503, R"({"status":"unready","backend":"calls would fail now; the log says why"})"};
    if (const auto* tokens = validators_.tokens(); tokens && !tokens->healthy())
        return {200,
                R"({"status":"degraded","token_store":"the file cannot be read; the last good tokens are in force"})"};
    return {200, R"({"status":"ready"})"};
}

} // namespace gatehouse
