#include "fetch/fetcher.hpp"

#include <catch2/catch.hpp>

#include <zlib.h>

#include "support/tiny_http.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

FetchRequest requestTo(const std::string& url) {
    FetchRequest request;
    request.url = url;
    request.timeout = 20s;
    return request;
}

FetchResult fetched(const FetchRequest& request) { return Fetcher({"", "gatehouse-test"}).fetch(request); }

// Why there was no answer; empty when there was one.
std::string faultOf(const FetchRequest& request) {
    const FetchResult result = fetched(request);
    const auto* fault = std::get_if<FetchFault>(&result);
    return fault ? fault->words : "";
}

std::string gzipped(const std::string& text) {
    constexpr int gzipWindow = 15 + 16; // as zlib.h has it
    z_stream stream{};
    REQUIRE(::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

} // namespace

TEST_CASE("a document is fetched with its status and its type") {
    TinyHttp server(httpAnswer(R"({"keys":[]})", "404 Not Found", "Content-Type: application/json\r\n"));
    FetchRequest request = requestTo(server.url("/keys?x=1"));
    request.headers = {{"Authorization", "Basic YTpi"}, {"Accept", "application/json"}};
    const FetchResult result = fetched(request);
    REQUIRE(std::holds_alternative<FetchAnswer>(result));
    CHECK(std::get<FetchAnswer>(result).status == 404);
    CHECK(std::get<FetchAnswer>(result).body == R"({"keys":[]})");
    CHECK(std::get<FetchAnswer>(result).contentType == "application/json");
    const std::string sent = server.requests().at(0);
    CHECK_THAT(sent, Catch::StartsWith("GET /keys?x=1 HTTP/1.1\r\n"));
    for (const char* line : {"\r\nAuthorization: Basic YTpi\r\n", "\r\nAccept: application/json\r\n",
                             "\r\nUser-Agent: gatehouse-test\r\n"})
        CHECK_THAT(sent, Catch::Contains(line));
}

TEST_CASE("a body is posted as it stands, also an empty one") {
    const std::string zero("a=1&b=\0", 7);
    for (const std::string& body : {std::string("token=x&a=%20"), zero, std::string()}) {
        TinyHttp server(httpAnswer("ok"));
        FetchRequest request = requestTo(server.url());
        request.method = "POST";
        request.body = body;
        CHECK(faultOf(request).empty());
        const std::string sent = server.requests().at(0);
        CHECK_THAT(sent, Catch::StartsWith("POST / HTTP/1.1\r\n"));
        CHECK(sent.substr(sent.find("\r\n\r\n") + 4) == body);
    }
}

TEST_CASE("one fetcher fetches again and again, and nothing of a request is left for the next") {
    TinyHttp server(httpAnswer("ok"));
    Fetcher fetcher({});
    FetchRequest post = requestTo(server.url());
    post.method = "POST";
    post.body = "secret";
    post.headers = {{"Authorization", "Bearer secret"}};
    fetcher.fetch(post);
    CHECK(std::holds_alternative<FetchAnswer>(fetcher.fetch(requestTo(server.url("/second")))));
    CHECK_THAT(server.requests().at(1), Catch::StartsWith("GET /second "));
    CHECK_THAT(server.requests().at(1), !Catch::Contains("secret"));
}

TEST_CASE("D07: an answer may come compressed by gzip, which is asked for") {
    const std::string body = R"({"keys":[]})";
    TinyHttp server(httpAnswer(gzipped(body), "200 OK", "Content-Encoding: gzip\r\n"));
    const FetchResult result = fetched(requestTo(server.url()));
    REQUIRE(std::holds_alternative<FetchAnswer>(result));
    CHECK(std::get<FetchAnswer>(result).body == body);
    CHECK_THAT(server.requests().at(0), Catch::Contains("\r\nAccept-Encoding: gzip\r\n"));
    TinyHttp broken(httpAnswer("no gzip", "200 OK", "Content-Encoding: gzip\r\n"));
    CHECK_FALSE(faultOf(requestTo(broken.url())).empty());
    TinyHttp unknown(httpAnswer(body, "200 OK", "Content-Encoding: kit\r\n"));
    CHECK_FALSE(faultOf(requestTo(unknown.url())).empty());
}

TEST_CASE("D07: the bound is that of the inflated bytes: a small answer does not become a large one") {
    const std::string large(1 << 20, ' ');
    const std::string small = gzipped(large);
    REQUIRE(small.size() < 2000);
    for (const std::string& answer :
         {httpAnswer(small, "200 OK", "Content-Encoding: gzip\r\n"),
          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + small}) {
        TinyHttp server(answer);
        FetchRequest request = requestTo(server.url());
        request.maxBytes = large.size() - 1;
        CHECK(faultOf(request) == "the answer is larger than " + std::to_string(large.size() - 1) + " bytes");
        request.maxBytes = large.size();
        CHECK(faultOf(request).empty());
    }
}

TEST_CASE("G04: an answer that is too large is none, with a length and without") {
    const std::string body(1001, 'x');
    for (const std::string& answer :
         {httpAnswer(body), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3e9\r\n" + body +
              "\r\n0\r\n\r\n"}) {
        TinyHttp server(answer);
        FetchRequest request = requestTo(server.url());
        request.maxBytes = 1000;
        CHECK(faultOf(request) == "the answer is larger than 1000 bytes");
        request.maxBytes = 1001;
        CHECK(faultOf(request).empty());
    }
}

TEST_CASE("who does not answer in time is waited for no longer") {
    TinyHttp server("");
    FetchRequest request = requestTo(server.url());
    request.timeout = 50ms;
    CHECK_THAT(faultOf(request), Catch::Contains("timed out"));
    CHECK(server.connections() == 1);
}

TEST_CASE("an answer that breaks off is none") {
    TinyHttp server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    CHECK_FALSE(faultOf(requestTo(server.url())).empty());
}

TEST_CASE("D07: a redirect is not followed, and the fault says where it points to") {
    TinyHttp target(httpAnswer("secret"));
    for (const char* line :
         {"301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"}) {
        TinyHttp server(httpAnswer("", line, "Location: " + target.url("/a?state=secret") + "\r\n"));
        CHECK(faultOf(requestTo(server.url())) == "answered " + std::string(line, 3) +
                                                      ": redirects are not followed; set the URL it points to, " +
                                                      target.url("/a"));
    }
    CHECK(target.connections() == 0);
    for (const std::string& odd : {std::string(), std::string("Location: /\x1b[2J\r\n"),
                                   "Location: https://a.example/" + std::string(300, 'a') + "\r\n"}) {
        TinyHttp server(httpAnswer("", "302 Found", odd));
        CHECK_THAT(faultOf(requestTo(server.url())), Catch::EndsWith("set the URL it points to"));
    }
    TinyHttp unchanged(httpAnswer("", "304 Not Modified"));
    CHECK(faultOf(requestTo(unchanged.url())).empty());
}

TEST_CASE("what is not fetched from anywhere is refused before anybody is asked") {
    struct Row {
        const char *what, *url, *told;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"http", "http://mcp.example/", "http is fetched from a loopback address only"},
             {"http to a private address", "http://10.0.0.1/", "http is fetched from a loopback address only"},
             {"a name that begins like loopback", "http://127.evil.example/",
              "http is fetched from a loopback address only"},
             {"a name that begins with localhost", "http://localhost.evil.example/",
              "http is fetched from a loopback address only"},
             {"a user", "https://me@mcp.example/", "a URL with a user in it"},
             {"a user that looks like a host", "https://mcp.example@evil.example/", "a URL with a user in it"},
             {"a file", "file:///etc/passwd", "only https is fetched"},
             {"gopher", "gopher://127.0.0.1/", "only https is fetched"},
             {"ftp", "ftp://127.0.0.1/", "only https is fetched"},
             {"no scheme", "mcp.example", "it is no URL"},
             {"nothing", "", "it is no URL"},
             {"a blank", "https://mcp.example/a b", "it is no URL"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(faultOf(requestTo(row.url)) == row.told); }
    }
}

TEST_CASE("only GET and POST are made") {
    TinyHttp server(httpAnswer("ok"));
    for (const char* method : {"DELETE", "PUT", "get", ""}) {
        FetchRequest request = requestTo(server.url());
        request.method = method;
        CHECK(faultOf(request) == "only GET and POST are made");
    }
    CHECK(server.connections() == 0);
}

TEST_CASE("what a stranger named is not looked for within: no connection is made") {
    TinyHttp server(httpAnswer("secret"));
    for (const char* host : {"127.0.0.1", "localhost", "localhost.", "0x7f.1", "2130706433", "0177.0.0.1", "127.1",
                             "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "[::]"}) {
        for (const char* scheme : {"http", "https"}) {
            DYNAMIC_SECTION(scheme << "://" << host) {
                FetchRequest request = requestTo(std::string(scheme) + "://" + host + ":" + server.port() + "/");
                request.publicOnly = true;
                CHECK_FALSE(faultOf(request).empty());
                CHECK(server.connections() == 0);
            }
        }
    }
}

TEST_CASE("an address that is not public is said to be so") {
    FetchRequest request = requestTo("https://127.0.0.1:1/");
    request.publicOnly = true;
    CHECK(faultOf(request) == "its address is not on the public internet");
}

TEST_CASE("plain text where TLS should be spoken is a fault, and not waited for") {
    TinyHttp server(httpAnswer("plain text where TLS is spoken"));
    CHECK_THAT(faultOf(requestTo("https://127.0.0.1:" + server.port() + "/")), Catch::Contains("SSL"));
}
