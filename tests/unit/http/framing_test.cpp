// Heads that two parsers could frame or route in two ways, each refused with its status.
#include "http/framing.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse::http;

namespace {

struct Row {
    const char* what;
    std::string text;
    int status; // 0: let in
    const char* reason = "";
};

void checkRows(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.what) {
            RequestHead head;
            const std::string text = row.text + "\r\n\r\n";
            const Refusal refusal = readHead(text, Limits{}, head);
            CHECK(refusal.status == row.status);
            if (*row.reason) CHECK(std::string(refusal.reason) == row.reason);
        }
    }
}

RequestHead headOf(const std::string& text) {
    RequestHead head;
    REQUIRE_FALSE(readHead(text, Limits{}, head));
    return head;
}

std::string post(const std::string& fields) { return "POST /mcp HTTP/1.1\r\nHost: a" + fields; }
std::string get(const std::string& target, const std::string& host = "a") {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host;
}

} // namespace

TEST_CASE("the length of a body is said once, in one way") {
    checkRows({
        {"no body", post(""), 0},
        {"Content-Length", post("\r\nContent-Length: 5"), 0},
        {"chunked", post("\r\nTransfer-Encoding: chunked"), 0},
        {"chunked in any case", post("\r\ntransfer-encoding: CHUNKED"), 0},
        {"Content-Length and Transfer-Encoding", post("\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"), 400},
        {"Transfer-Encoding and Content-Length", post("\r\nTransfer-Encoding: chunked\r\nContent-Length: 5"), 400},
        {"two Content-Lengths that differ", post("\r\nContent-Length: 5\r\nContent-Length: 6"), 400},
        {"two Content-Lengths that agree", post("\r\nContent-Length: 5\r\nContent-Length: 5"), 400},
        {"a list in one Content-Length", post("\r\nContent-Length: 5, 5"), 400},
        {"a sign before Content-Length", post("\r\nContent-Length: +5"), 400},
        {"a negative Content-Length", post("\r\nContent-Length: -5"), 400},
        {"an empty Content-Length", post("\r\nContent-Length: "), 400},
        {"a hexadecimal Content-Length", post("\r\nContent-Length: 0x5"), 400},
        {"a fraction as Content-Length", post("\r\nContent-Length: 5.0"), 400},
        {"white space inside Content-Length", post("\r\nContent-Length: 5 5"), 400},
        {"a Content-Length beyond 64 bits", post("\r\nContent-Length: 18446744073709551616"), 400},
        {"two Transfer-Encodings", post("\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
        {"a list of encodings", post("\r\nTransfer-Encoding: gzip, chunked"), 400},
        {"chunked twice in a list", post("\r\nTransfer-Encoding: chunked, chunked"), 400},
        {"another encoding", post("\r\nTransfer-Encoding: gzip"), 400},
        {"identity", post("\r\nTransfer-Encoding: identity"), 400},
        {"an encoding with parameters", post("\r\nTransfer-Encoding: chunked;q=1"), 400},
        {"an encoding in quotes", post("\r\nTransfer-Encoding: \"chunked\""), 400},
        {"an empty encoding", post("\r\nTransfer-Encoding: "), 400},
        {"an encoding behind a vertical tab",
         post("\r\nTransfer-Encoding: \x0b"
              "chunked"),
         400},
        {"a name that others take for Transfer-Encoding", post("\r\nTransfer_Encoding: chunked"), 400},
        {"a name that others take for Content-Length", post("\r\ncontent_LENGTH: 5"), 400},
        {"an underscore in another name", post("\r\nX_Length: 5"), 0},
        {"Transfer-Encoding on HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked", 400},
    });
}

TEST_CASE("a request names exactly one host, and well") {
    checkRows({
        {"a name", get("/"), 0},
        {"a name and a port", get("/", "example.com:8443"), 0},
        {"an IPv4 address", get("/", "127.0.0.1:80"), 0},
        {"an IPv6 address in brackets", get("/", "[::1]:80"), 0},
        {"a port that is empty", get("/", "a:"), 0},
        {"none on HTTP/1.1", "GET / HTTP/1.1\r\nX: y", 400, "exactly one Host header is needed"},
        {"none on HTTP/1.0", "GET / HTTP/1.0\r\nX: y", 0},
        {"two that differ", get("/") + "\r\nHost: b", 400, "exactly one Host header is needed"},
        {"two that agree", get("/") + "\r\nhost: a", 400, "exactly one Host header is needed"},
        {"two on HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a", 400, "exactly one Host header is needed"},
        {"an empty one", get("/", ""), 400, "malformed Host header"},
        {"user information", get("/", "localhost@evil"), 400, "malformed Host header"},
        {"user information with a port", get("/", "localhost:80@evil"), 400, "malformed Host header"},
        {"a path", get("/", "a/b"), 400, "malformed Host header"},
        {"a list", get("/", "a, b"), 400, "malformed Host header"},
        {"white space inside", get("/", "a b"), 400, "malformed Host header"},
        {"a port that is no number", get("/", "a:http"), 400, "malformed Host header"},
        {"a port of six digits", get("/", "a:123456"), 400, "malformed Host header"},
        {"a bracket that does not close", get("/", "[::1"), 400, "malformed Host header"},
        {"brackets around a name", get("/", "[localhost]"), 400, "malformed Host header"},
        {"text after the brackets", get("/", "[::1]evil"), 400, "malformed Host header"},
        {"an IPv6 address without brackets", get("/", "::1"), 400, "malformed Host header"},
    });
}

TEST_CASE("the target is a path, or a URL whose authority is the Host") {
    checkRows({
        {"a path", get("/mcp"), 0},
        {"a path with a query", get("/mcp?a=b&c=/"), 0},
        {"a whole URL of the same host", get("http://a/mcp"), 0},
        {"a whole URL in another case", get("HTTPS://A/mcp"), 0},
        {"a whole URL of another host", get("http://evil/mcp"), 400, "request target and Host differ"},
        {"a whole URL of another port", get("http://a:81/mcp", "a:80"), 400, "request target and Host differ"},
        {"a whole URL with user information", get("http://a@evil/mcp"), 400, "request target and Host differ"},
        {"a whole URL without path", get("http://a"), 400, "request target and Host differ"},
        {"a whole URL without Host", "GET http://a/ HTTP/1.0\r\nX: y", 400, "request target and Host differ"},
        {"another scheme", get("ftp://a/mcp"), 400, "malformed request target"},
        {"an authority alone", get("a:80"), 400, "malformed request target"},
        {"a path without its slash", get("mcp"), 400, "malformed request target"},
        {"a fragment", get("/mcp#x"), 400, "malformed request target"},
        {"a backslash", get("/\\evil"), 400, "malformed request target"},
        {"a byte beyond ASCII", get("/\xC3\xA4"), 400},
        {"the asterisk of OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a", 0},
        {"the asterisk of another method", get("*"), 400, "malformed request target"},
    });
}

TEST_CASE("the request line has three words and single spaces") {
    checkRows({
        {"two spaces before the target", "GET  / HTTP/1.1\r\nHost: a", 400},
        {"two spaces before the version", "GET /  HTTP/1.1\r\nHost: a", 400},
        {"a tab for a space", "GET\t/\tHTTP/1.1\r\nHost: a", 400},
        {"a space before the method", " GET / HTTP/1.1\r\nHost: a", 400},
        {"a space after the version", "GET / HTTP/1.1 \r\nHost: a", 400},
        {"no version", "GET /\r\nHost: a", 400},
        {"no target", "GET HTTP/1.1\r\nHost: a", 400},
        {"a method that is no token", "G(T / HTTP/1.1\r\nHost: a", 400},
        {"a method of its own", "BREW / HTTP/1.1\r\nHost: a", 0},
        {"a version in small letters", "GET / http/1.1\r\nHost: a", 400},
        {"a version of two digits", "GET / HTTP/1.10\r\nHost: a", 400},
        {"a version without its point", "GET / HTTP/11\r\nHost: a", 400},
    });
}

TEST_CASE("a version that is not served is told as such") {
    for (const char* version : {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0"}) {
        DYNAMIC_SECTION(version) {
            RequestHead head;
            const std::string text = std::string("GET / ") + version + "\r\nHost: a\r\n\r\n";
            CHECK(readHead(text, Limits{}, head).status == 505);
        }
    }
}

TEST_CASE("a header line is a name, a colon and a value") {
    checkRows({
        {"a space before the colon", get("/") + "\r\nX : y", 400},
        {"a tab before the colon", get("/") + "\r\nX\t: y", 400},
        {"no colon", get("/") + "\r\nX", 400},
        {"no name", get("/") + "\r\n: y", 400},
        {"a name that is no token", get("/") + "\r\nX(Y): z", 400},
        {"a space inside the name", get("/") + "\r\nX Y: z", 400},
        {"a name in quotes", get("/") + "\r\n\"X\": z", 400},
        {"an empty value", get("/") + "\r\nX:", 0},
        {"colons in the value", get("/") + "\r\nX: a:b:c", 0},
        {"a folded line", get("/") + "\r\nX: y\r\n z", 400},
        {"a line folded by a tab", get("/") + "\r\nX: y\r\n\tz", 400},
        {"a first line that is folded", "GET / HTTP/1.1\r\n Host: a\r\nHost: a", 400},
    });
}

TEST_CASE("an expectation is understood or refused") {
    checkRows({
        {"100-continue", post("\r\nContent-Length: 5\r\nExpect: 100-continue"), 0},
        {"100-continue in any case", post("\r\nContent-Length: 5\r\nExpect: 100-Continue"), 0},
        {"another", post("\r\nContent-Length: 5\r\nExpect: 200-ok"), 417, "unknown Expect"},
    });
    CHECK(headOf(post("\r\nExpect: 100-continue\r\n\r\n")).expectsContinue);
    CHECK_FALSE(headOf("POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").expectsContinue);
}

TEST_CASE("whether the connection is kept follows version and Connection") {
    struct KeepRow {
        const char* what;
        const char* text;
        bool kept;
    };
    for (const KeepRow& row : std::initializer_list<KeepRow>{
             {"HTTP/1.1 keeps", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
             {"HTTP/1.1 with close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
             {"close in a list and another case", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE\r\n\r\n", false},
             {"close in the second of two", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n",
              false},
             {"a word that only begins with close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
             {"HTTP/1.0 closes", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", false},
             {"HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", true}}) {
        DYNAMIC_SECTION(row.what) { CHECK(headOf(row.text).keepAlive == row.kept); }
    }
}

TEST_CASE("what follows from a head is filled in") {
    const std::string text = "POST http://a/mcp?x=1?y HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n";
    const RequestHead head = headOf(text);
    CHECK(head.method == "POST");
    CHECK(head.target == "http://a/mcp?x=1?y");
    CHECK(head.path == "/mcp");
    CHECK(head.query == "x=1?y");
    CHECK(head.contentLength == 12);
    CHECK(head.hasBody());
    CHECK_FALSE(head.chunked);
    const std::string chunked = post("\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(headOf(chunked).chunked);
    CHECK(headOf(chunked).hasBody());
}
