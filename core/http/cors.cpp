#include "http/cors.hpp"

#include <algorithm>

#include "base/http_token.hpp"

namespace gatehouse::http {

namespace {

constexpr std::string_view ownHeaders =
    "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Session-Id, Last-Event-ID, Mcp-Method, Mcp-Name";
constexpr std::string_view exposedLine =
    "Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate, Retry-After\r\n";
constexpr std::string_view parameterPrefix = "mcp-param-"; // arguments that a tool wants as headers (MCP 2026-07-28)

bool isParameterName(std::string_view name) {
    return name.size() > parameterPrefix.size() &&
           equalsIgnoringCase(name.substr(0, parameterPrefix.size()), parameterPrefix) && isHttpToken(name);
}

} // namespace

Cors::Cors(std::vector<std::string> origins, const std::vector<std::string>& requestHeaders, std::string methods)
    : origins_(std::move(origins)), allowedHeaders_(ownHeaders), methods_(std::move(methods)) {
    for (const std::string& name : requestHeaders)
        if (!equalsIgnoringCase(name, "Authorization")) allowedHeaders_.append(", ").append(name);
}

bool Cors::allows(const RequestHead& head) const {
    const auto origin = head.fields.findOnly(HeaderName::origin);
    return origin && std::any_of(origins_.begin(), origins_.end(),
                                 [&](const std::string& known) { return equalsIgnoringCase(known, *origin); });
}

std::string Cors::linesFor(const RequestHead& head) const {
    if (origins_.empty()) return {};
    std::string lines = "Vary: Origin\r\n"; // also where there is none: caches must not mix the two
    if (!allows(head)) return lines;
    lines.append("Access-Control-Allow-Origin: ").append(*head.find(HeaderName::origin)).append("\r\n");
    lines.append(exposedLine);
    return lines;
}

bool Cors::isPreflight(const RequestHead& head) const {
    return head.method == "OPTIONS" && head.find("Access-Control-Request-Method") && allows(head);
}

std::string Cors::preflightLines(const RequestHead& head) const {
    std::string lines = "Access-Control-Allow-Methods: " + methods_ + "\r\nAccess-Control-Max-Age: 7200\r\n";
    lines.append("Access-Control-Allow-Headers: ").append(allowedHeaders_);
    std::string_view asked = head.find("Access-Control-Request-Headers").value_or("");
    for (std::size_t i = 0; i < maxRequestedNames && !asked.empty(); ++i) {
        const std::string_view item = asked.substr(0, asked.find(','));
        asked.remove_prefix(std::min(item.size() + 1, asked.size()));
        if (isParameterName(trimmed(item))) lines.append(", ").append(trimmed(item));
    }
    lines.append("\r\n");
    return lines;
}

} // namespace gatehouse::http
