#include "http/cors.hpp"

#include <catch2/catch.hpp>

#include "http/limits.hpp"
#include "http/message_parser.hpp"

using namespace gatehouse::http;

namespace {

const std::string app = "https://app.example";

// A head of which the text lives as long as the program's test.
struct Asked {
    explicit Asked(const std::string& lines) : text("OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n") {
        REQUIRE_FALSE(readHead(text, Limits{}, head));
    }
    std::string text;
    RequestHead head;
};

} // namespace

TEST_CASE("without allowed origins nothing is said of origins") {
    CHECK(Cors().linesFor(Asked("Origin: " + app + "\r\n").head).empty());
    CHECK_FALSE(Cors().isPreflight(Asked("Origin: " + app + "\r\nAccess-Control-Request-Method: POST\r\n").head));
}

TEST_CASE("D12: an allowed origin is named, whatever its letters' case; every answer varies by origin") {
    const Cors cors({app});
    const std::string permitted = "Access-Control-Allow-Origin: ";
    CHECK(cors.linesFor(Asked("Origin: HTTPS://app.example\r\n").head).find(permitted + "HTTPS://app.example\r\n") !=
          std::string::npos);
    for (const std::string lines :
         {std::string(), std::string("Origin: https://evil.example\r\n"), std::string("Origin: null\r\n"),
          "Origin: " + app + ".evil.example\r\n", "Origin: " + app + "\r\nOrigin: " + app + "\r\n"})
        CHECK(cors.linesFor(Asked(lines).head) == "Vary: Origin\r\n");
}

TEST_CASE("D12: a preflight allows MCP's headers, a validator's own, and arguments that tools want as headers") {
    const Cors cors({app}, {"X-API-Key", "Authorization"});
    const Asked asked("Origin: " + app +
                      "\r\nAccess-Control-Request-Method: POST\r\n"
                      "Access-Control-Request-Headers: content-type, Mcp-Param-Region ,mcp-param-, x-evil\r\n");
    REQUIRE(cors.isPreflight(asked.head));
    const std::string lines = cors.preflightLines(asked.head);
    CHECK(lines.find("Mcp-Session-Id, Last-Event-ID, Mcp-Method, Mcp-Name, X-API-Key, Mcp-Param-Region\r\n") !=
          std::string::npos);
    CHECK(lines.find("evil") == std::string::npos);
    CHECK(lines.find("GET, POST, DELETE\r\n") != std::string::npos);
}

TEST_CASE("a preflight of very many names is looked at up to a bound") {
    std::string names = "mcp-param-a";
    for (int i = 0; i < 200; ++i) names += ",mcp-param-a";
    const Asked asked("Origin: " + app + "\r\nAccess-Control-Request-Headers: " + names + "\r\n");
    const std::string lines = Cors({app}).preflightLines(asked.head);
    std::size_t count = 0;
    for (std::size_t at = lines.find("mcp-param-a"); at != std::string::npos; at = lines.find("mcp-param-a", at + 1))
        ++count;
    CHECK(count == Cors::maxRequestedNames);
}
