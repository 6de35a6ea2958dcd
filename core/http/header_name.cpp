#include "http/header_name.hpp"

#include <array>

#include <gatehouse/ascii.hpp>

namespace gatehouse::http {

namespace {

struct Known {
    std::string_view text;
    HeaderName name = HeaderName::other;
};

// By length; those of one length one after the other, the most frequent first.
constexpr std::array<Known, headerNames> known{{
    {"Host", HeaderName::host},
    {"Accept", HeaderName::accept},
    {"Origin", HeaderName::origin},
    {"Expect", HeaderName::expect},
    {"Mcp-Name", HeaderName::mcpName},
    {"Connection", HeaderName::connection},
    {"User-Agent", HeaderName::userAgent},
    {"Mcp-Method", HeaderName::mcpMethod},
    {"Content-Type", HeaderName::contentType},
    {"Content-Length", HeaderName::contentLength},
    {"Mcp-Session-Id", HeaderName::mcpSessionId},
    {"Content-Encoding", HeaderName::contentEncoding},
    {"Transfer-Encoding", HeaderName::transferEncoding},
    {"MCP-Protocol-Version", HeaderName::mcpProtocolVersion},
}};

constexpr std::size_t longest = known.back().text.size();

// Where those of a length begin.
constexpr std::array<std::uint8_t, longest + 2> firstOfLength = [] {
    std::array<std::uint8_t, longest + 2> first{};
    std::uint8_t at = 0;
    for (std::size_t length = 0; length < first.size(); ++length) {
        while (at < known.size() && known[at].text.size() < length) ++at;
        first[length] = at;
    }
    return first;
}();

} // namespace

HeaderName headerNameOf(std::string_view name) {
    if (name.size() > longest) return HeaderName::other;
    for (std::size_t at = firstOfLength[name.size()]; at < firstOfLength[name.size() + 1]; ++at)
        if (equalsIgnoringCase(known[at].text, name)) return known[at].name;
    return HeaderName::other;
}

} // namespace gatehouse::http
