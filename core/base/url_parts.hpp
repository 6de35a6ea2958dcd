// The parts of a URL that has an authority, as they stand: nothing is decoded or judged (RFC 3986 section 3).
// Threads: any; nothing is kept.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace gatehouse {

// Views into the URL. "https://user@host:8443/mcp?x" -> "https", "user@host:8443", "/mcp", "?x"
struct UrlParts {
    std::string_view scheme;
    std::string_view authority;
    std::string_view path; // with its slash, or empty
    std::string_view rest; // query and fragment, with their marks
    std::string_view user; // of the authority, without the '@'
    std::string_view host; // of the authority, with the port
};

// Nothing when there is no "://".
inline std::optional<UrlParts> urlParts(std::string_view url) {
    const std::size_t mark = url.find("://");
    if (mark == std::string_view::npos) return std::nullopt;
    const std::size_t authority = mark + 3;
    const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
    const std::size_t rest = std::min(url.find_first_of("?#", path), url.size());
    UrlParts parts;
    parts.scheme = url.substr(0, mark);
    parts.authority = parts.host = url.substr(authority, path - authority);
    parts.path = url.substr(path, rest - path);
    parts.rest = url.substr(rest);
    const std::size_t at = parts.authority.rfind('@');
    if (at == std::string_view::npos) return parts;
    parts.user = parts.authority.substr(0, at);
    parts.host = parts.authority.substr(at + 1);
    return parts;
}

} // namespace gatehouse
