// Message: one JSON-RPC message, parsed once. What is passed on is passed on as the text that came.
//
// JSON-RPC 2.0 sections 4 and 5; MCP: no batches, ids are strings or integers and never null. Member names are
// case-sensitive; an object that has a member twice is refused, at any depth.
//
// Threads: a MessageReader belongs to one thread. Tested by tests/unit/mcp/message_test.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse::schema {
class JsonSchema;
}

namespace gatehouse::mcp {

struct ParsedJson; // parsed_json.hpp

inline constexpr std::string_view tasksExtension = "io.modelcontextprotocol/tasks";

// Views into the body that was read; valid as long as it is.
struct Message {
    enum class Kind { request, notification, response };
    Kind kind = Kind::request;
    std::string idText; // as it came, quotes included; empty for a notification
    std::string method;
    bool hasParams = false;
    std::string name; // params.name, when it is a string
    bool nameIsText = false;
    std::string_view paramsText;           // an object, or empty
    const ParsedJson* params = nullptr;    // read them by params.hpp; as long as `arguments`
    std::string_view argumentsText;        // params.arguments, or empty
    bool argumentsAreObject = true;        // or absent
    const ParsedJson* arguments = nullptr; // of a request, {} when absent; valid until the reader reads again
    std::string_view metaText;             // params._meta, or empty
    bool mayCarryAnswers = false;          // params has requestState or inputResponses
    std::string progressTokenText;         // as it came; empty: none

    // params._meta of the modern era
    bool hasModernVersion = false;
    std::string modernVersion;
    bool hasClientCapabilities = false;
    std::string_view clientCapabilitiesText; // an object, or empty
    bool knowsTasks = false;                 // they name the extension with an object
    std::string_view logLevelText;           // as it came, or empty

    // initialize
    std::string protocolVersion;       // params.protocolVersion
    std::string_view capabilitiesText; // params.capabilities as it came, or empty
    // notifications/cancelled
    std::string requestIdText; // params.requestId as it came
    // a response to a request of the server
    std::string_view resultText; // or empty
    std::string_view errorText;  // or empty
};

// Why a body is no message. `httpStatus` is 400 except where said otherwise.
struct MessageFault {
    int code = -32700;
    const char* text = "Parse error";
    std::string idText; // when it could be read
};

// Without a byte order mark before it, which some clients write (RFC 8259 section 8.1: readers may ignore it).
std::string_view withoutMark(std::string_view body);

class MessageReader {
public:
    MessageReader();
    ~MessageReader();
    static constexpr std::size_t padding = 64;
    static constexpr std::size_t maxBatch = 100; // messages

    // `padding` readable bytes must follow `body`.
    std::variant<Message, MessageFault> read(std::string_view body);
    // The messages of a batch as text, each to be read by itself.
    std::variant<std::vector<std::string>, MessageFault> split(std::string_view body);

private:
    struct Parser;
    std::optional<MessageFault> readInto(Message& message, std::string_view body);
    std::unique_ptr<Parser> parser_;
};

// What is seen of a result that a backend made.
struct ObjectReport {
    bool isObject = false;
    bool hasMeta = false;
    bool hasResultType = false;
    bool isError = false; // member isError is true
    std::string misfit;   // why structuredContent is not what `structured` wants; empty: it is
};
// `structured` is the schema of structuredContent, or null. May reserve room behind `text`.
ObjectReport examineObject(std::string& text, const schema::JsonSchema* structured = nullptr);

} // namespace gatehouse::mcp
