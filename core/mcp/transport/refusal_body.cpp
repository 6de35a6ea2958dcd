#include "mcp/transport/refusal_body.hpp"

#include <gatehouse/json_text.hpp>

#include "http/response_text.hpp"
#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

namespace {

int codeOf(int status) {
    const bool isForItsCaller = status == 401 || status == 403 || status == 429 || status == 503;
    return isForItsCaller ? status : code::invalidRequest;
}

std::string bodyOf(int status, std::string_view why, std::string dataJson) {
    std::string message = std::to_string(status) + ": ";
    message += why;
    std::string out;
    appendError(out, "null", {status, codeOf(status), std::move(message), std::move(dataJson)});
    return out;
}

} // namespace

std::string refusalBody(const GateRefusal& refusal) {
    std::string data = R"({"error":)";
    appendJsonString(data, refusal.error);
    data += R"(,"error_description":)";
    appendJsonString(data, refusal.description);
    return bodyOf(refusal.status, refusal.description, data + "}");
}

std::string refusalPhrase(const GateRefusal& refusal) {
    constexpr std::size_t most = 200;
    std::string phrase(http::reasonPhrase(refusal.status));
    phrase += ": ";
    for (const char c : refusal.description.substr(0, most)) phrase += c >= ' ' && c < 0x7F ? c : '?';
    return phrase;
}

std::string refusalBody(int status, std::string_view why) { return bodyOf(status, why, ""); }

} // namespace gatehouse::mcp
