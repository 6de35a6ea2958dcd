#include "http/host_guard.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse::http;

namespace {

RequestHead headWith(std::vector<Field> fields) {
    RequestHead head;
    head.fields = std::move(fields);
    return head;
}

const HostGuard& guard() {
    static const HostGuard shared({"mcp.example", "192.0.2.7"}, {"https://app.example", "https://dev.example:8443"});
    return shared;
}

} // namespace

TEST_CASE("T01: a host is served when it is a loopback name or on the list") {
    struct Row {
        const char* what;
        const char* host;
        bool served;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"localhost", "localhost", true},
                                    {"localhost with a port", "localhost:8080", true},
                                    {"localhost in any case", "LocalHost", true},
                                    {"a loopback address", "127.0.0.1:80", true},
                                    {"another loopback address", "127.8.9.10", true},
                                    {"the IPv6 loopback", "[::1]:80", true},
                                    {"the loopback as an IPv4-mapped address", "[::ffff:127.0.0.1]", true},
                                    {"a name of the list", "mcp.example", true},
                                    {"a name of the list, any case and port", "MCP.Example:9", true},
                                    {"an address of the list", "192.0.2.7", true},
                                    {"another name", "evil.example", false},
                                    {"a name that begins with localhost", "localhost.evil", false},
                                    {"a name that ends with localhost", "evil-localhost", false},
                                    {"user information before another host", "localhost@evil", false},
                                    {"user information with a port", "localhost:80@evil", false},
                                    {"an empty one", "", false},
                                    {"a name below one of the list", "a.mcp.example", false},
                                    {"a name that ends as one of the list", "notmcp.example", false},
                                    {"a name with a dot at its end", "mcp.example.", false},
                                    {"a name that looks like a loopback address", "127.0.0.1.evil.example", false},
                                    {"a loopback address with a zone behind it", "127.0.0.1%evil.example", false},
                                    {"the address of every interface", "0.0.0.0", false},
                                    {"a short form of the loopback address", "127.1", false},
                                    {"the loopback address as a number", "2130706433", false},
                                    {"another IPv6 address", "[2001:db8::1]", false}}) {
        DYNAMIC_SECTION(row.what) { CHECK(guard().refusal(headWith({{"Host", row.host}})).empty() == row.served); }
    }
}

TEST_CASE("T01: an origin passes when it is the host's own or on the list") {
    struct Row {
        const char* what;
        const char *host, *origin;
        bool passes;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"the host's own", "mcp.example", "https://mcp.example", true},
             {"the host's own on another port", "mcp.example:80", "http://MCP.example:3000", true},
             {"a loopback name on a loopback name", "localhost:80", "http://127.0.0.1:5173", true},
             {"the IPv6 loopback", "[::1]:80", "http://[::1]", true},
             {"one of the list", "mcp.example", "https://app.example", true},
             {"one of the list in any case", "mcp.example", "HTTPS://APP.example", true},
             {"one of the list with its port", "mcp.example", "https://dev.example:8443", true},
             {"one of the list on another port", "mcp.example", "https://dev.example", false},
             {"one of the list with another scheme", "mcp.example", "http://app.example", false},
             {"another site", "mcp.example", "https://evil.example", false},
             {"null", "mcp.example", "null", false},
             {"null on a loopback host", "localhost", "null", false},
             {"an empty one", "localhost", "", false},
             {"a scheme alone", "localhost", "http://", false},
             {"a name that begins with localhost", "localhost", "http://localhost.evil", false},
             {"user information", "localhost", "http://localhost@evil", false},
             {"user information with a port", "localhost", "http://localhost:80@evil", false},
             {"another scheme", "localhost", "file://localhost", false},
             {"an extension's scheme", "localhost", "chrome-extension://localhost", false},
             {"a path behind it", "localhost", "http://localhost/x", false},
             {"a list of two", "localhost", "http://localhost http://evil", false},
             {"a loopback name on an outside host", "mcp.example", "http://localhost", false},
             {"a loopback address with a zone behind it", "localhost", "http://127.0.0.1%evil.example", false}}) {
        DYNAMIC_SECTION(row.what) {
            const auto head = headWith({{"Host", row.host}, {"Origin", row.origin}});
            CHECK(guard().refusal(head).empty() == row.passes);
        }
    }
}

TEST_CASE("T01: a second Origin is refused, also when both would pass") {
    const auto head = headWith({{"Host", "localhost"}, {"Origin", "http://localhost"}, {"origin", "http://localhost"}});
    CHECK(guard().refusal(head) == "more than one Origin");
}

TEST_CASE("without Origin and Host there is no browser to refuse") {
    CHECK(guard().refusal(headWith({{"Host", "localhost"}})).empty());
    CHECK(guard().refusal(headWith({})).empty());
}

TEST_CASE("a refusal names the setting that would allow it") {
    CHECK(guard().refusal(headWith({{"Host", "evil"}})).find("http.allowed_hosts") != std::string::npos);
    const auto foreign = headWith({{"Host", "localhost"}, {"Origin", "https://evil"}});
    CHECK(guard().refusal(foreign).find("http.allowed_origins") != std::string::npos);
}

TEST_CASE("the host of an authority is without port and brackets, and nothing when it is written otherwise") {
    struct Row {
        const char *authority, *host;
    };
    for (const Row& row : std::initializer_list<Row>{{"a", "a"},
                                                     {"a:80", "a"},
                                                     {"a:", "a"},
                                                     {"[::1]", "::1"},
                                                     {"[::1]:80", "::1"},
                                                     {"[::1", ""},
                                                     {"[::1]x", ""},
                                                     {"a:80x", ""},
                                                     {"localhost:80@evil", ""},
                                                     {"", ""}}) {
        DYNAMIC_SECTION('"' << row.authority << '"') { CHECK(hostOf(row.authority) == row.host); }
    }
}
