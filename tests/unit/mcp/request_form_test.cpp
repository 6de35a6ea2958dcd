#include "mcp/transport/request_form.hpp"

#include <catch2/catch.hpp>

#include "http/limits.hpp"
#include "http/message_parser.hpp"

using namespace gatehouse::mcp;
using namespace gatehouse::http;

namespace {

struct Asked {
    Asked(const std::string& method, const std::string& lines)
        : text(method + " /mcp HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n") {
        REQUIRE_FALSE(readHead(text, Limits{}, head));
    }
    std::optional<FormFault> faultAt(EndpointKind kind) const { return formFault(head, kind, acceptsOf(head)); }
    std::string text;
    RequestHead head;
};

const std::string json = "Content-Type: application/json\r\n";

} // namespace

TEST_CASE("each kind of endpoint has its methods") {
    CHECK_FALSE(Asked("POST", json).faultAt(EndpointKind::main));
    CHECK_FALSE(Asked("DELETE", "").faultAt(EndpointKind::main));
    CHECK(Asked("PATCH", json).faultAt(EndpointKind::main)->headers == "Allow: POST, GET, DELETE\r\n");
    CHECK(Asked("GET", "Accept: text/event-stream\r\n").faultAt(EndpointKind::posts)->headers == "Allow: POST\r\n");
    CHECK(Asked("POST", json).faultAt(EndpointKind::oldStreams)->headers == "Allow: GET\r\n");
    CHECK_FALSE(Asked("GET", "Accept: text/event-stream\r\n").faultAt(EndpointKind::oldStreams));
}

TEST_CASE("D20: 415 says which header is wrong, and what would be right") {
    const auto coded = Asked("POST", json + "Content-Encoding: gzip\r\n").faultAt(EndpointKind::main);
    CHECK(coded->status == 415);
    CHECK(coded->why.find("Content-Encoding") == 0);
    CHECK(coded->headers == "Accept-Encoding: identity\r\n");
    const auto typed = Asked("POST", "Content-Type: text/plain\r\n").faultAt(EndpointKind::main);
    CHECK(typed->status == 415);
    CHECK(typed->why.find("Content-Type") == 0);
    CHECK_FALSE(Asked("POST", json + "Content-Encoding: identity\r\n").faultAt(EndpointKind::main));
    CHECK(Asked("POST", "Content-Type: text/plain\r\nContent-Encoding: identity\r\n")
              .faultAt(EndpointKind::main)
              ->why.find("Content-Type") == 0);
}

TEST_CASE("what is taken has to be something that there is") {
    CHECK(Asked("POST", json + "Accept: text/html\r\n").faultAt(EndpointKind::main)->status == 406);
    CHECK(Asked("GET", "Accept: application/json\r\n").faultAt(EndpointKind::main)->status == 405);
}
