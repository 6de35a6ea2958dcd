#include "mcp/message/era.hpp"

#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/parsed_text.hpp"

using namespace gatehouse;
using namespace gatehouse::mcp;
using namespace gatehouse::test;

namespace {

http::RequestHead headWith(std::vector<http::Field> fields) {
    http::RequestHead head;
    head.fields = std::move(fields);
    return head;
}

// A modern tools/call that names `version` in its body.
Message modern(const std::string& version = "2026-07-28", const std::string& method = "tools/call",
               const std::string& name = "sum") {
    Message message;
    message.method = method;
    message.hasModernVersion = message.hasClientCapabilities = true;
    message.modernVersion = version;
    message.nameIsText = !name.empty();
    message.name = name;
    return message;
}

using Fields = std::vector<http::Field>;
std::optional<RpcError> checked(const Message& message, const Fields& fields) {
    const auto head = headWith(fields);
    return checkModern(message, &head);
}
const Fields right{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "sum"}};

Fields with(const char* name, const char* value) { // `right` with one header changed, or (null) without it
    Fields out;
    for (const http::Field& field : right) {
        if (field.name != name) out.push_back(field);
        else if (value) out.push_back({field.name, value});
    }
    return out;
}

} // namespace

TEST_CASE("the versions of the handshake are legacy, the one of 2026 is modern") {
    for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
        CHECK(isLegacyVersion(version));
    CHECK(isModernVersion("2026-07-28"));
    for (const char* version : {"", "2026-07-28", "2025-11-26", "1.0"}) CHECK_FALSE(isLegacyVersion(version));
    CHECK_FALSE(isModernVersion("2025-11-25"));
}

TEST_CASE("a request is modern when its body says so, or its header does") {
    struct Row {
        const char* what;
        Message message;
        Fields fields;
        bool isModern;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"the body", modern(), {}, true},
             {"the body with a version we do not know", modern("2099-01-01"), {}, true},
             {"the header", Message{}, {{"mcp-protocol-version", "2026-07-28"}}, true},
             {"a legacy header", Message{}, {{"MCP-Protocol-Version", "2025-11-25"}}, false},
             {"a header that we do not know", Message{}, {{"MCP-Protocol-Version", "2099-01-01"}}, false},
             {"neither", Message{}, {}, false}}) {
        DYNAMIC_SECTION(row.what) {
            const auto head = headWith(row.fields);
            CHECK((eraOf(row.message, &head) == Era::modern) == row.isModern);
        }
    }
    CHECK(eraOf(modern(), nullptr) == Era::modern);
    CHECK(eraOf(Message{}, nullptr) == Era::legacy);
}

TEST_CASE("the headers of a modern request agree with its body") {
    struct Row {
        const char* what;
        Message message;
        Fields fields;
        int code; // 0: right
    };
    for (const Row& row : std::initializer_list<Row>{
             {"all right", modern(), right, 0},
             {"header names in any case",
              modern(),
              {{"mcp-protocol-version", "2026-07-28"}, {"MCP-METHOD", "tools/call"}, {"mcp-name", "sum"}},
              0},
             {"no version header", modern(), with("MCP-Protocol-Version", nullptr), code::headerMismatch},
             {"another version header", modern(), with("MCP-Protocol-Version", "2025-11-25"), code::headerMismatch},
             {"no method header", modern(), with("Mcp-Method", nullptr), code::headerMismatch},
             {"another method", modern(), with("Mcp-Method", "tools/list"), code::headerMismatch},
             {"the method in another case", modern(), with("Mcp-Method", "Tools/Call"), code::headerMismatch},
             {"the method in base64", modern(), with("Mcp-Method", "=?base64?dG9vbHMvY2FsbA==?="),
              code::headerMismatch},
             {"no name header", modern(), with("Mcp-Name", nullptr), code::headerMismatch},
             {"another name", modern(), with("Mcp-Name", "sub"), code::headerMismatch},
             {"the name in base64", modern(), with("Mcp-Name", "=?base64?c3Vt?="), 0},
             {"another name in base64", modern(), with("Mcp-Name", "=?base64?c3Vi?="), code::headerMismatch},
             {"a name in broken base64", modern(), with("Mcp-Name", "=?base64?c3V?="), code::headerMismatch},
             {"two name headers", modern(), {right[0], right[1], right[2], right[2]}, code::headerMismatch},
             {"two method headers", modern(), {right[0], right[1], right[1], right[2]}, code::headerMismatch},
             {"a list needs no name",
              modern("2026-07-28", "tools/list", ""),
              {right[0], {"Mcp-Method", "tools/list"}},
              0},
             {"a version that nobody speaks", modern("2099-01-01"), with("MCP-Protocol-Version", "2099-01-01"),
              code::unsupportedVersion},
             {"a legacy version in modern clothes", modern("2025-11-25"), with("MCP-Protocol-Version", "2025-11-25"),
              code::unsupportedVersion}}) {
        DYNAMIC_SECTION(row.what) {
            const auto error = checked(row.message, row.fields);
            REQUIRE(error.has_value() == (row.code != 0));
            if (!error) continue;
            CHECK(error->code == row.code);
            CHECK(error->httpStatus == 400);
        }
    }
}

TEST_CASE("errors come in order: _meta, version, method, name") {
    Message bare;
    bare.method = "tools/call";
    const Fields nothing;
    CHECK(checked(bare, nothing)->code == code::invalidParams);
    Message incapable = modern();
    incapable.hasClientCapabilities = false;
    CHECK(checked(incapable, nothing)->code == code::invalidParams);
    CHECK(checked(modern("2099-01-01"), nothing)->message.find("MCP-Protocol-Version") != std::string::npos);
    CHECK(checked(modern("2099-01-01"), {{"MCP-Protocol-Version", "2099-01-01"}})->code == code::unsupportedVersion);
    CHECK(checked(modern(), {right[0]})->message.find("Mcp-Method") != std::string::npos);
    CHECK(checked(modern(), {right[0], right[1]})->message.find("Mcp-Name") != std::string::npos);
}

TEST_CASE("an unsupported version is answered with those that are served, and the one that was asked for") {
    const auto error = checked(modern("20\"99"), {{"MCP-Protocol-Version", "20\"99"}});
    REQUIRE(error.has_value());
    const Json data = Json::parse(error->dataJson);
    CHECK(data.at("requested") == "20\"99");
    CHECK(data.at("supported").front() == "2026-07-28");
}

TEST_CASE("notifications and responses are not held to the modern headers") {
    Message note = modern();
    note.kind = Message::Kind::notification;
    CHECK_FALSE(checked(note, {}).has_value());
}

TEST_CASE("without headers only the body is judged") {
    CHECK_FALSE(checkModern(modern(), nullptr).has_value());
    CHECK(checkModern(modern("2099-01-01"), nullptr)->code == code::unsupportedVersion);
    Message bare;
    CHECK(checkModern(bare, nullptr)->code == code::invalidParams);
}

TEST_CASE("the task that a request names is repeated in its headers") {
    const ParsedText params(R"({"taskId":"t1"})");
    for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
        Message message = modern("2026-07-28", method, "");
        message.params = params.get();
        const http::Field version = right[0], called{"Mcp-Method", method};
        CHECK_FALSE(checked(message, {version, called, {"Mcp-Name", "t1"}}).has_value());
        CHECK(checked(message, {version, called, {"Mcp-Name", "t2"}})->code == code::headerMismatch);
        CHECK(checked(message, {version, called})->code == code::headerMismatch);
    }
}

TEST_CASE("a log level is one of the eight, or none was asked for") {
    Message message = modern();
    for (const auto& [level, code] : std::initializer_list<std::pair<const char*, int>>{{"", 0},
                                                                                        {R"("debug")", 0},
                                                                                        {R"("emergency")", 0},
                                                                                        {R"("Info")", -32602},
                                                                                        {R"("")", -32602},
                                                                                        {"5", -32602}}) {
        message.logLevelText = level;
        const auto error = checkModern(message, nullptr);
        CHECK((error ? error->code : 0) == code);
    }
}

TEST_CASE("the versions are told the newest first") {
    CHECK(supportedVersionsJson() == R"(["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"])");
}

TEST_CASE("a legacy version header is absent or one of ours") {
    CHECK_FALSE(checkLegacy(headWith({})).has_value());
    CHECK_FALSE(checkLegacy(headWith({{"MCP-Protocol-Version", "2025-03-26"}})).has_value());
    const auto error = checkLegacy(headWith({{"MCP-Protocol-Version", "nonsense"}}));
    REQUIRE(error.has_value());
    CHECK(error->httpStatus == 400);
    CHECK(error->code == code::invalidRequest);
}

TEST_CASE("a header value may be written in base64") {
    struct Row {
        const char* what;
        const char *value, *text; // null: malformed
    };
    for (const Row& row :
         std::initializer_list<Row>{{"plain text", "sum", "sum"},
                                    {"base64", "=?base64?c3Vt?=", "sum"},
                                    {"base64 with padding", "=?base64?c3VtcyE=?=", "sums!"},
                                    {"bytes beyond ASCII", "=?base64?w6Q=?=", "\xC3\xA4"},
                                    {"nothing in base64", "=?base64??=", ""},
                                    {"the mark in another case stays literal", "=?BASE64?c3Vt?=", "=?BASE64?c3Vt?="},
                                    {"a mark that does not end stays literal", "=?base64?c3Vt", "=?base64?c3Vt"},
                                    {"a mark too short to hold anything stays literal", "=?base64?=", "=?base64?="},
                                    {"an RFC 2047 word stays literal", "=?utf-8?B?c3Vt?=", "=?utf-8?B?c3Vt?="},
                                    {"a wrong length", "=?base64?c3V?=", nullptr},
                                    {"the alphabet of URLs", "=?base64?__-_?=", nullptr},
                                    {"bits left over", "=?base64?c3VtczF=?=", nullptr},
                                    {"white space inside", "=?base64?c3 t?=", nullptr},
                                    {"padding inside", "=?base64?c=Vt?=", nullptr},
                                    {"three signs of padding", "=?base64?c===?=", nullptr}}) {
        DYNAMIC_SECTION(row.what) {
            const auto got = decodedHeader(row.value);
            REQUIRE(got.has_value() == (row.text != nullptr));
            if (row.text) CHECK(*got == row.text);
        }
    }
}
