#include "mcp/message/era.hpp"

#include <algorithm>
#include <array>

#include <gatehouse/base64.hpp>
#include <gatehouse/json_text.hpp>

#include "base/literal.hpp"
#include "mcp/message/params.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::array<std::string_view, 4> legacyVersions{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
constexpr std::string_view base64Prefix = "=?base64?";
constexpr std::string_view base64Suffix = "?=";

RpcError mismatch(std::string text) { return {400, code::headerMismatch, "Header mismatch: " + std::move(text), ""}; }

RpcError unsupported(std::string_view requested) {
    std::string data = R"({"supported":)" + supportedVersionsJson() + R"(,"requested":)";
    appendJsonString(data, requested);
    data += '}';
    return {400, code::unsupportedVersion, "Unsupported protocol version", std::move(data)};
}

bool isEncoded(std::string_view header) {
    return header.size() >= base64Prefix.size() + base64Suffix.size() &&
           header.substr(0, base64Prefix.size()) == base64Prefix &&
           header.substr(header.size() - base64Suffix.size()) == base64Suffix;
}

// A header that must be there once and equal `wanted`.
std::optional<RpcError> requireEqual(const http::RequestHead& head, http::HeaderName name, std::string_view shown,
                                     std::string_view wanted) {
    const auto raw = head.fields.findOnly(name);
    if (!raw) return mismatch(std::string(shown) + " must be given once");
    if (name == http::HeaderName::mcpName && isEncoded(*raw)) {
        const auto value = decodedHeader(*raw);
        if (!value) return mismatch(std::string(shown) + " is malformed");
        if (*value == wanted) return std::nullopt;
    } else if (*raw == wanted) return std::nullopt;
    return mismatch(std::string(shown) + " differs from the body");
}

// What Mcp-Name repeats of the body; nothing for a method that has no such header.
std::optional<std::string> namedBy(const Message& message) {
    if (is(message.method, "tools/call") || is(message.method, "prompts/get"))
        return message.nameIsText ? std::optional(message.name) : std::nullopt;
    if (message.method == "resources/read") return textParam(message, "uri");
    if (message.method == "tasks/get" || message.method == "tasks/update" || message.method == "tasks/cancel")
        return textParam(message, "taskId");
    return std::nullopt;
}

RpcError badMeta(const char* text) { return {400, code::invalidParams, std::string("Invalid params: ") + text, ""}; }

bool isLogLevel(std::string_view quoted) {
    constexpr std::array<std::string_view, 8> levels{R"("debug")", R"("info")",     R"("notice")", R"("warning")",
                                                     R"("error")", R"("critical")", R"("alert")",  R"("emergency")"};
    return std::find(levels.begin(), levels.end(), quoted) != levels.end();
}

} // namespace

bool isLegacyVersion(std::string_view version) {
    return std::find(legacyVersions.begin(), legacyVersions.end(), version) != legacyVersions.end();
}

std::string supportedVersionsJson() {
    std::string out = "[\"" + std::string(modernVersion) + "\"";
    for (const std::string_view version : legacyVersions) out.append(",\"").append(version).append("\"");
    out += ']';
    return out;
}

bool isModernVersion(std::string_view version) { return version == modernVersion; }

Era eraOf(const Message& message, const http::RequestHead* head) {
    if (message.hasModernVersion) return Era::modern;
    const auto header = head ? head->find(http::HeaderName::mcpProtocolVersion) : std::nullopt;
    return header && isModernVersion(*header) ? Era::modern : Era::legacy;
}

std::optional<RpcError> checkModern(const Message& message, const http::RequestHead* head) {
    if (message.kind != Message::Kind::request) return std::nullopt; // headers of notifications are not defined
    if (!message.hasModernVersion || !message.hasClientCapabilities)
        return badMeta("_meta needs io.modelcontextprotocol/protocolVersion and clientCapabilities");
    if (head)
        if (auto error = requireEqual(*head, http::HeaderName::mcpProtocolVersion, "MCP-Protocol-Version",
                                      message.modernVersion))
            return error;
    if (!isModernVersion(message.modernVersion)) return unsupported(message.modernVersion);
    if (!message.logLevelText.empty() && !isLogLevel(message.logLevelText)) return badMeta("unknown logLevel");
    if (!head) return std::nullopt;
    if (auto error = requireEqual(*head, http::HeaderName::mcpMethod, "Mcp-Method", message.method)) return error;
    const auto name = namedBy(message);
    return name ? requireEqual(*head, http::HeaderName::mcpName, "Mcp-Name", *name) : std::nullopt;
}

std::optional<RpcError> checkLegacy(const http::RequestHead& head) {
    const auto header = head.find(http::HeaderName::mcpProtocolVersion);
    if (!header || isLegacyVersion(*header)) return std::nullopt;
    RpcError error = unsupported(*header);
    error.code = code::invalidRequest;
    return error;
}

std::optional<std::string> decodedHeader(std::string_view value) {
    if (!isEncoded(value)) return std::string(value);
    value.remove_prefix(base64Prefix.size());
    value.remove_suffix(base64Suffix.size());
    return fromBase64(value);
}

} // namespace gatehouse::mcp
