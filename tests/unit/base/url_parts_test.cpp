#include "base/url_parts.hpp"

#include <initializer_list>
#include <string>

#include <catch2/catch.hpp>

#include <gatehouse/ascii.hpp>

using namespace gatehouse;

TEST_CASE("a URL falls into its parts") {
    struct Row {
        const char* url;
        const char* parts; // scheme|user|host|path|rest
    };
    for (const Row& row : std::initializer_list<Row>{{"https://h", "https||h||"},
                                                     {"https://h:8443/mcp", "https||h:8443|/mcp|"},
                                                     {"https://h/a/b?c=/d#e", "https||h|/a/b|?c=/d#e"},
                                                     {"https://h?c=/d", "https||h||?c=/d"},
                                                     {"https://h#/d", "https||h||#/d"},
                                                     {"https://u:p@h:1/x", "https|u:p|h:1|/x|"},
                                                     {"https://u@v@h/x@y", "https|u@v|h|/x@y|"},
                                                     {"https://@h", "https||h||"},
                                                     {"https://[::1]:8080/mcp", "https||[::1]:8080|/mcp|"},
                                                     {"sqlite:///srv/a.db", "sqlite|||/srv/a.db|"},
                                                     {"://h", "||h||"},
                                                     {"https://", "https||||"}}) {
        DYNAMIC_SECTION(row.url) {
            const auto parts = urlParts(row.url);
            REQUIRE(parts.has_value());
            std::string told(parts->scheme);
            for (const std::string_view part : {parts->user, parts->host, parts->path, parts->rest})
                told.append("|").append(part);
            CHECK(told == row.parts);
        }
    }
}

TEST_CASE("what has no authority is no URL with parts") {
    for (const char* none : {"", "mailto:a@b", "/mcp", "https:/h", "h:8080"}) CHECK_FALSE(urlParts(none).has_value());
}

TEST_CASE("case is folded in ASCII alone") {
    CHECK(lowered("AZaz09-\xC3\x84@[`{") == "azaz09-\xC3\x84@[`{");
    CHECK(lowered('A') == 'a');
    CHECK(raised('z') == 'Z');
    CHECK(raised('{') == '{');
}
