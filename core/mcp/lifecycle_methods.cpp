#include "mcp/lifecycle_methods.hpp"

#include "mcp/era.hpp"
#include "mcp/server_info.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::string_view capabilities = R"({"tools":{}})";

// The requested version only if we speak it; else the newest that has a handshake.
std::string agreedVersion(const std::string& requested) {
    return isLegacyVersion(requested) ? requested : std::string(newestLegacy);
}

MethodEnd initialize(MethodCall& call, SessionStore& sessions) {
    const std::string version = agreedVersion(call.message.protocolVersion);
    const Session& session = sessions.open(call.caller->identity.isolationKey, version);
    std::string result = R"({"protocolVersion":")" + version + R"(","capabilities":)";
    result.append(capabilities).append(R"(,"serverInfo":)").append(serverInfoJson()).append("}");
    call.form.headers = "Mcp-Session-Id: " + session.id + "\r\n";
    sendResult(call.exchange, call.form, result);
    return {"ok", ""};
}

MethodEnd ping(MethodCall& call) {
    sendResult(call.exchange, call.form, "{}");
    return {"ok", ""};
}

MethodEnd discover(MethodCall& call) {
    std::string result = R"({"supportedVersions":[")";
    result.append(modernVersion).append(R"("],"capabilities":)").append(capabilities);
    result += R"(,"ttlMs":3600000,"cacheScope":"private"})";
    sendResult(call.exchange, call.form, modernResult(result, false));
    return {"ok", ""};
}

} // namespace

void addLifecycleMethods(MethodTable& methods, SessionStore& sessions) {
    methods.add("initialize", MethodTable::In::legacy,
                [&sessions](MethodCall& call) { return initialize(call, sessions); });
    methods.add("ping", MethodTable::In::legacy, ping);
    methods.add("server/discover", MethodTable::In::modern, discover);
}

} // namespace gatehouse::mcp
