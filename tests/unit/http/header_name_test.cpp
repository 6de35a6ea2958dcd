#include "http/header_name.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <gatehouse/ascii.hpp>

using namespace gatehouse;
using namespace gatehouse::http;

TEST_CASE("each header that is asked for often is known by its name in any case, and by no other") {
    struct Row {
        std::string text;
        HeaderName name;
    };
    for (const Row& row : std::initializer_list<Row>{{"Accept", HeaderName::accept},
                                                     {"Connection", HeaderName::connection},
                                                     {"Content-Encoding", HeaderName::contentEncoding},
                                                     {"Content-Length", HeaderName::contentLength},
                                                     {"Content-Type", HeaderName::contentType},
                                                     {"Expect", HeaderName::expect},
                                                     {"Host", HeaderName::host},
                                                     {"Mcp-Method", HeaderName::mcpMethod},
                                                     {"Mcp-Name", HeaderName::mcpName},
                                                     {"MCP-Protocol-Version", HeaderName::mcpProtocolVersion},
                                                     {"Mcp-Session-Id", HeaderName::mcpSessionId},
                                                     {"Origin", HeaderName::origin},
                                                     {"Transfer-Encoding", HeaderName::transferEncoding},
                                                     {"User-Agent", HeaderName::userAgent}}) {
        DYNAMIC_SECTION(row.text) {
            CHECK(headerNameOf(row.text) == row.name);
            CHECK(headerNameOf(lowered(row.text)) == row.name);
            CHECK(headerNameOf(row.text + "s") == HeaderName::other);
            CHECK(headerNameOf(row.text.substr(1)) == HeaderName::other);
            std::string another = row.text;
            another.back() = 'x';
            CHECK(headerNameOf(another) == HeaderName::other);
        }
    }
    CHECK(headerNameOf("") == HeaderName::other);
    CHECK(headerNameOf(std::string(1000, 'a')) == HeaderName::other);
}
