#include "mcp/era.hpp"

#include <algorithm>
#include <array>

#include <gatehouse/json_text.hpp>

#include "base/base64.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::array<std::string_view, 4> legacyVersions{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};
constexpr std::string_view versionHeader = "MCP-Protocol-Version";
constexpr std::string_view base64Prefix = "=?base64?";
constexpr std::string_view base64Suffix = "?=";

RpcError mismatch(std::string text) { return {400, code::headerMismatch, "Header mismatch: " + std::move(text), ""}; }

RpcError unsupported(std::string_view requested) {
    std::string data = R"({"supported":[")";
    data.append(modernVersion).append("\"");
    for (const std::string_view version : legacyVersions) data.append(",\"").append(version).append("\"");
    data += R"(],"requested":)";
    appendJsonString(data, requested);
    data += '}';
    return {400, code::unsupportedVersion, "Unsupported protocol version", std::move(data)};
}

// A header that must be there once and equal `wanted`.
std::optional<RpcError> requireEqual(const http::RequestHead& head, std::string_view name, std::string_view wanted,
                                     bool encodable) {
    if (head.count(name) != 1) return mismatch(std::string(name) + " must be given once");
    const std::string_view raw = *head.find(name);
    const auto value = encodable ? decodedHeader(raw) : std::optional(std::string(raw));
    if (!value) return mismatch(std::string(name) + " is malformed");
    if (*value != wanted) return mismatch(std::string(name) + " differs from the body");
    return std::nullopt;
}

bool needsName(std::string_view method) { return method == "tools/call" || method == "prompts/get"; }

} // namespace

bool isLegacyVersion(std::string_view version) {
    return std::find(legacyVersions.begin(), legacyVersions.end(), version) != legacyVersions.end();
}

bool isModernVersion(std::string_view version) { return version == modernVersion; }

bool speaksModern(const Message& message, const http::RequestHead& head) {
    if (message.hasModernVersion) return true;
    const auto header = head.find(versionHeader);
    return header && isModernVersion(*header);
}

std::optional<RpcError> checkModern(const Message& message, const http::RequestHead& head) {
    if (message.kind != Message::Kind::request) return std::nullopt; // headers of notifications are not defined
    if (!message.hasModernVersion || !message.hasClientCapabilities)
        return RpcError{400, code::invalidParams,
                        "Invalid params: _meta needs io.modelcontextprotocol/protocolVersion and clientCapabilities",
                        ""};
    if (auto error = requireEqual(head, versionHeader, message.modernVersion, false)) return error;
    if (!isModernVersion(message.modernVersion)) return unsupported(message.modernVersion);
    if (auto error = requireEqual(head, "Mcp-Method", message.method, false)) return error;
    if (needsName(message.method) && message.nameIsText) return requireEqual(head, "Mcp-Name", message.name, true);
    return std::nullopt;
}

std::optional<RpcError> checkLegacy(const http::RequestHead& head) {
    const auto header = head.find(versionHeader);
    if (!header || isLegacyVersion(*header)) return std::nullopt;
    RpcError error = unsupported(*header);
    error.code = code::invalidRequest;
    return error;
}

std::optional<std::string> decodedHeader(std::string_view value) {
    const bool marked = value.size() >= base64Prefix.size() + base64Suffix.size() &&
                        value.substr(0, base64Prefix.size()) == base64Prefix &&
                        value.substr(value.size() - base64Suffix.size()) == base64Suffix;
    if (!marked) return std::string(value);
    value.remove_prefix(base64Prefix.size());
    value.remove_suffix(base64Suffix.size());
    return fromBase64(value);
}

} // namespace gatehouse::mcp
