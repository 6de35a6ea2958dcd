#include "mcp/lifecycle_methods.hpp"

#include "mcp/call/call_outcome.hpp"
#include "mcp/message/era.hpp"
#include "mcp/message/params.hpp"
#include "mcp/server_info.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::size_t maxCapabilities = 16 << 10; // bytes kept of what a client declares

// The requested version only if we speak it; else the newest that has a handshake.
std::string agreedVersion(const std::string& requested) {
    return isLegacyVersion(requested) ? requested : std::string(newestLegacy);
}

CallEnd noSession(MethodCall& call) {
    failMethod(call, {503, code::internalError, "The server is at its limit of sessions", "", "Retry-After: 10\r\n"},
               "sessions");
    return {Outcome::unavailable, "sessions", 503};
}

CallEnd initialize(MethodCall& call, SessionStore& sessions, const FeatureRegistry& features) {
    const std::string version = agreedVersion(call.message.protocolVersion);
    const std::string_view declared = call.message.capabilitiesText;
    if (declared.size() > maxCapabilities) return invalidParams(call, "Invalid params: capabilities are too large");
    const bool own = call.session != nullptr; // the transport has one for all
    const bool opens = !own && sessions.handsOut();
    Session* const session = opens ? sessions.open(call.request->caller->identity.isolationKey, version) : call.session;
    if (opens && !session) return noSession(call);
    if (session) session->version = version;
    if (session && !declared.empty() && declared.front() == '{') session->clientCapabilitiesJson = declared;
    std::string result = R"({"protocolVersion":")" + version + R"(","capabilities":)";
    result.append(features.capabilitiesJson(Era::legacy))
        .append(R"(,"serverInfo":)")
        .append(serverInfoJson())
        .append("}");
    if (opens) call.form.headers += "Mcp-Session-Id: " + session->id + "\r\n";
    sendResult(call.writer, call.form, result);
    return {Outcome::ok, ""};
}

CallEnd discover(MethodCall& call, const FeatureRegistry& features) {
    std::string result = R"({"supportedVersions":)" + supportedVersionsJson();
    result.append(R"(,"capabilities":)").append(features.capabilitiesJson(Era::modern));
    result += R"(,"ttlMs":3600000,"cacheScope":"private"})";
    return answerMethod(call, result);
}

CallEnd setLevel(MethodCall& call) {
    const auto level = messageLevel(textParam(call.message, "level").value_or(""));
    if (!level)
        return invalidParams(call,
                             "Invalid params: level must be debug, info, notice, warning, error, critical, alert "
                             "or emergency");
    if (call.session) call.session->logLevel = *level;
    return answerMethod(call, "{}");
}

} // namespace

void addLifecycleMethods(MethodTable& methods, SessionStore& sessions,
                         const std::shared_ptr<const FeatureRegistry>& features) {
    using In = MethodTable::In;
    methods.add("initialize", In::legacy, [&](MethodCall& call) { return initialize(call, sessions, *features); });
    methods.add("ping", In::legacy, [](MethodCall& call) { return answerMethod(call, "{}"); });
    methods.add("logging/setLevel", In::legacy, setLevel);
    methods.add("server/discover", In::modern, [&](MethodCall& call) { return discover(call, *features); });
}

} // namespace gatehouse::mcp
