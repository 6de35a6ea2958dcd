#include "mcp/message/answer.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/kept_response_writer.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

TEST_CASE("a result goes out with its id and the headers of its form") {
    const auto writer = KeptResponseWriter::make();
    sendResult(*writer, {"7", "X: y\r\n"}, R"({"a":1})");
    CHECK(writer->status == 200);
    CHECK(writer->text == R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})");
    CHECK(writer->headers == "X: y\r\n");
}

TEST_CASE("an error goes out with a status and headers of its own") {
    const auto writer = KeptResponseWriter::make();
    sendError(*writer, {R"("a")", "X: y\r\n"}, {503, -32603, "later", R"({"b":2})", "Retry-After: 1\r\n"});
    CHECK(writer->status == 503);
    CHECK(writer->headers == "X: y\r\nRetry-After: 1\r\n");
    CHECK(writer->text == R"({"jsonrpc":"2.0","id":"a","error":{"code":-32603,"message":"later","data":{"b":2}}})");
}

TEST_CASE("a modern result says that it is complete, and who gave it unless it says so itself") {
    struct Row {
        const char* what;
        const char* result;
        bool hasMeta;
    };
    for (const Row& row : std::initializer_list<Row>{{"a result", R"({"a":1})", false},
                                                     {"an empty result", "{}", false},
                                                     {"an empty result with white space", " { \n } ", false},
                                                     {"an empty result that has _meta elsewhere", "{}", true},
                                                     {"a result with _meta", R"( {"_meta":{"x":1},"a":1} )", true}}) {
        for (const bool cached : {false, true}) {
            DYNAMIC_SECTION(row.what << (cached ? ", cached" : "")) {
                const Json read =
                    Json::parse(modernResult({.json = row.result, .hasMeta = row.hasMeta, .isCached = cached}));
                CHECK(read.at("resultType") == "complete");
                const bool named =
                    read.contains("_meta") && read["_meta"].contains("io.modelcontextprotocol/serverInfo");
                CHECK(named == !row.hasMeta);
                const Json before = Json::parse(row.result);
                for (const auto& item : before.items()) CHECK(read.at(item.key()) == item.value());
                CHECK(read.contains("ttlMs") == cached);
                CHECK(read.contains("cacheScope") == cached);
                if (cached) CHECK((read["ttlMs"] == 0 && read["cacheScope"] == "private"));
            }
        }
    }
}

TEST_CASE("a result that says its resultType itself has it once") {
    const std::string text = modernResult({.json = R"({"resultType":"complete","content":[]})", .hasResultType = true});
    CHECK(text.find("resultType") == text.rfind("resultType"));
    CHECK(modernResult({"{}", true, true}) == "{}");
}
