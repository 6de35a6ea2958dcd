#include "mcp/message/params.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::mcp;

namespace {

struct ReadMessage {
    explicit ReadMessage(const std::string& params)
        : body(R"({"jsonrpc":"2.0","id":1,"method":"m")" + (params.empty() ? "" : ",\"params\":" + params) + "}") {
        const std::size_t size = body.size();
        body.append(MessageReader::padding, ' ');
        message = std::get<Message>(reader.read(std::string_view(body).substr(0, size)));
    }
    std::string body;
    MessageReader reader;
    Message message;
};

} // namespace

TEST_CASE("a text param is a string, with its escapes read") {
    const ReadMessage read(R"({"uri":"a\u00e4\/\ud83d\ude00","n":5,"list":["x"],"nothing":null,"esc\u0061ped":"y"})");
    CHECK(textParam(read.message, "uri") == "a\xC3\xA4/\xF0\x9F\x98\x80");
    CHECK(textParam(read.message, "escaped") == "y");
    for (const char* none : {"n", "list", "nothing", "absent", "ur", ""})
        CHECK_FALSE(textParam(read.message, none).has_value());
}

TEST_CASE("a text within a param is read by both names") {
    const ReadMessage read(R"({"ref":{"type":"x","n":5},"list":[{"type":"y"}],"text":"z"})");
    CHECK(textParam(read.message, "ref", "type") == "x");
    for (const auto& [name, member] : std::initializer_list<std::pair<const char*, const char*>>{
             {"ref", "n"}, {"ref", "absent"}, {"absent", "type"}, {"list", "type"}, {"text", "type"}})
        CHECK_FALSE(textParam(read.message, name, member).has_value());
}

TEST_CASE("a param is the tree that its text says") {
    const std::string tree =
        R"({"a":[1,-2,18446744073709551615,1.5,true,false,null,"t\n"],"b":{"c":{}},"empty":[],"":"no name"})";
    const ReadMessage read(R"({"x":)" + tree + R"(,"y":[[]],"z":null})");
    CHECK(treeParam(read.message, "x") == Json::parse(tree));
    CHECK(treeParam(read.message, "x")["a"][2].is_number_unsigned());
    CHECK(treeParam(read.message, "y") == Json::parse("[[]]"));
    for (const char* none : {"z", "absent"}) CHECK(treeParam(read.message, none).is_null());
}

TEST_CASE("a message without params has none") {
    for (const char* params : {"", "null", "{}"}) {
        const ReadMessage read(params);
        CHECK_FALSE(textParam(read.message, "uri").has_value());
        CHECK(treeParam(read.message, "uri").is_null());
    }
}

TEST_CASE("the params of a message are not those of the one before") {
    MessageReader reader;
    const auto read = [&](std::string body) {
        const std::size_t size = body.size();
        body.append(MessageReader::padding, ' ');
        const auto got = reader.read(std::string_view(body).substr(0, size));
        return textParam(std::get<Message>(got), "uri").value_or("none");
    };
    CHECK(read(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"uri":"first"}})") == "first");
    CHECK(read(R"({"jsonrpc":"2.0","id":2,"method":"m"})") == "none");
}

TEST_CASE("params as deep as a message may be become a tree") {
    const std::string deep = std::string(500, '[') + std::string(500, ']');
    const ReadMessage read("{\"x\":" + deep + "}");
    CHECK(treeParam(read.message, "x").dump() == deep);
}
