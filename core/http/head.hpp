// RequestHead: a request line and its header fields, as views into the connection's buffer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <gatehouse/ascii.hpp>

#include "http/header_fields.hpp"

namespace gatehouse::http {

// Without the blanks around it (OWS of RFC 9110 5.6.3).
inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

struct RequestHead {
    std::string_view method;
    std::string_view target; // as sent
    std::string_view path;   // of the target, without query; not decoded
    std::string_view query;  // without '?'
    HeaderFields fields;
    std::string_view allow;        // the methods of the resource, when this one is none of them; the router's
    std::vector<Field> parameters; // what the route took of the path; names are the route's, values not decoded
    bool http11 = true;
    bool keepAlive = true;
    bool chunked = false;
    bool expectsContinue = false;
    std::uint64_t contentLength = 0; // 0 when chunked or absent

    bool hasBody() const { return chunked || contentLength > 0; }
    // The first field of that name.
    std::optional<std::string_view> find(HeaderName name) const { return fields.find(name); }
    std::optional<std::string_view> find(std::string_view name) const { return fields.find(name); }

    void clear();
    // The buffer has moved: every view moves with it.
    void rebase(const char* from, const char* to);
};

} // namespace gatehouse::http
