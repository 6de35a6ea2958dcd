#include "mcp/message/message.hpp"

#include <algorithm>

#include <simdjson.h>
#include <gatehouse/json_members.hpp>

#include "base/literal.hpp"
#include "mcp/message/json_walk.hpp"
#include "mcp/message/parsed_json.hpp"
#include "schema/json_schema.hpp"

namespace gatehouse::mcp {

namespace dom = simdjson::dom;

namespace {

constexpr std::size_t maxDepth = 512;

constexpr char versionKey[] = "io.modelcontextprotocol/protocolVersion";
constexpr char capabilitiesKey[] = "io.modelcontextprotocol/clientCapabilities";
constexpr char logLevelKey[] = "io.modelcontextprotocol/logLevel";

// Empty for what is no string.
std::string_view viewOf(const dom::element& element) {
    std::string_view text;
    return element.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool isId(const dom::element& element) { return element.is_string() || element.is_int64() || element.is_uint64(); }

void readMeta(const dom::object& meta, JsonWalk& walk, Message& message) {
    message.metaText = walk.object(meta, [&](const auto& field) {
        const std::string_view value = walk.value(field.value);
        if (is(field.key, "progressToken") && isId(field.value)) message.progressTokenText = value;
        if (is(field.key, versionKey) && field.value.is_string()) {
            message.hasModernVersion = true;
            message.modernVersion = viewOf(field.value);
        }
        if (is(field.key, capabilitiesKey)) {
            message.hasClientCapabilities = field.value.is_object();
            if (message.hasClientCapabilities) message.clientCapabilitiesText = value;
            message.knowsTasks = field.value["extensions"][tasksExtension].is_object();
        }
        if (is(field.key, logLevelKey)) message.logLevelText = value;
    });
}

void readParam(const dom::key_value_pair& field, JsonWalk& walk, Message& message, ParsedJson& arguments) {
    if (dom::object meta; is(field.key, "_meta") && field.value.get_object().get(meta) == simdjson::SUCCESS)
        return readMeta(meta, walk, message);
    const std::string_view value = walk.value(field.value);
    if (is(field.key, "name")) {
        message.nameIsText = field.value.is_string();
        message.name = viewOf(field.value);
    } else if (is(field.key, "arguments") && !field.value.is_null()) {
        message.argumentsText = value;
        message.argumentsAreObject = field.value.is_object();
        arguments.element = field.value;
        message.arguments = &arguments;
    } else if (is(field.key, "requestState") || is(field.key, "inputResponses")) {
        message.mayCarryAnswers = true;
    } else if (is(field.key, "protocolVersion")) {
        message.protocolVersion = viewOf(field.value);
    } else if (is(field.key, "capabilities")) {
        message.capabilitiesText = value;
    } else if (is(field.key, "requestId") && isId(field.value)) {
        message.requestIdText = value;
    }
}

// Where the params of the message that was read last are, and what of them is looked at most.
struct ReadParams {
    ParsedJson params, arguments;
};

// What was seen of the envelope.
struct Envelope {
    bool version = false, method = false, id = false, idIsBad = false, answer = false, paramsAreBad = false;
};

void readMember(const dom::key_value_pair& field, JsonWalk& walk, Message& message, ReadParams& read, Envelope& seen) {
    if (dom::object params; is(field.key, "params") && field.value.get_object().get(params) == simdjson::SUCCESS) {
        message.hasParams = true;
        read.params.element = field.value;
        message.params = &read.params;
        message.paramsText =
            walk.object(params, [&](const auto& param) { readParam(param, walk, message, read.arguments); });
        return;
    }
    const std::string_view value = walk.value(field.value);
    if (is(field.key, "jsonrpc")) seen.version = is(viewOf(field.value), "2.0");
    else if (is(field.key, "method")) {
        seen.method = field.value.is_string();
        message.method = viewOf(field.value);
    } else if (is(field.key, "id")) {
        seen.id = true;
        seen.idIsBad = !isId(field.value);
        if (!seen.idIsBad) message.idText = value;
    } else if (is(field.key, "result") || is(field.key, "error")) {
        seen.answer = true;
        (is(field.key, "result") ? message.resultText : message.errorText) = value;
    } else if (is(field.key, "params")) {
        seen.paramsAreBad = !field.value.is_null(); // null is as absent
    }
}

MessageFault invalid(const char* text, const Message& message) { return {-32600, text, message.idText}; }

} // namespace

std::string_view withoutMark(std::string_view body) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return body.substr(0, mark.size()) == mark ? body.substr(mark.size()) : body;
}

struct MessageReader::Parser {
    dom::parser json{8u << 20};
    ReadParams read;
    dom::parser emptyJson;
    ParsedJson empty; // {}
};

MessageReader::MessageReader() : parser_(std::make_unique<Parser>()) {
    parser_->empty.element = parser_->emptyJson.parse(std::string("{}"));
}
MessageReader::~MessageReader() = default;

std::variant<Message, MessageFault> MessageReader::read(std::string_view body) {
    std::variant<Message, MessageFault> out;
    if (auto fault = readInto(std::get<Message>(out), body)) out = std::move(*fault);
    return out;
}

std::optional<MessageFault> MessageReader::readInto(Message& message, std::string_view body) {
    dom::parser& json = parser_->json;
    body = withoutMark(body);
    if (body.empty()) return MessageFault{-32700, "Parse error: the body is empty", ""};
    if (json.max_depth() != maxDepth || json.capacity() < body.size()) {
        if (json.allocate(std::max<std::size_t>(body.size(), 4096), maxDepth) != simdjson::SUCCESS)
            return MessageFault{-32603, "Internal error", ""};
    }
    dom::element root;
    const auto error = json.parse(body.data(), body.size(), false).get(root);
    if (error == simdjson::MEMALLOC) return MessageFault{-32603, "Internal error", ""};
    if (error == simdjson::NUMBER_ERROR)
        return MessageFault{-32700, "Parse error: a malformed number, or one beyond 64 bits", ""};
    if (error != simdjson::SUCCESS) return MessageFault{};
    dom::object envelope;
    if (root.get_object().get(envelope) != simdjson::SUCCESS)
        return invalid("Invalid Request: one JSON-RPC object is needed", message);
    const std::string_view text = body.substr(body.find('{'));
    Envelope seen;
    JsonWalk walk(text);
    walk.object(envelope, [&](const auto& field) { readMember(field, walk, message, parser_->read, seen); });
    if (!seen.version) return invalid("Invalid Request: jsonrpc must be \"2.0\"", message);
    if (seen.idIsBad) return invalid("Invalid Request: id must be a string or an integer", message);
    if (walk.hasDuplicates()) return invalid("Invalid Request: duplicate member", message);
    if (!seen.method && !seen.answer) return invalid("Invalid Request: method is missing", message);
    if (seen.method && seen.answer) return invalid("Invalid Request: neither a request nor a response", message);
    if (seen.paramsAreBad) return MessageFault{-32602, "Invalid params: params must be an object", message.idText};
    if (!message.params) message.params = &parser_->empty;
    if (!message.arguments) message.arguments = &parser_->empty;
    message.kind = seen.answer ? Message::Kind::response
                   : seen.id   ? Message::Kind::request
                               : Message::Kind::notification;
    return std::nullopt;
}

std::variant<std::vector<std::string>, MessageFault> MessageReader::split(std::string_view body) {
    body = withoutMark(body);
    dom::array items;
    if (parser_->json.parse(body.data(), body.size(), false).get_array().get(items) != simdjson::SUCCESS)
        return MessageFault{};
    if (items.size() == 0 || items.size() > maxBatch)
        return MessageFault{-32600, "Invalid Request: a batch holds 1 to 100 messages", ""};
    std::vector<std::string> out;
    std::string_view rest = body.substr(body.find('[') + 1);
    for (std::size_t i = 0; i < items.size(); ++i) {
        rest.remove_prefix(rest.find_first_not_of(" \t\r\n,"));
        const std::size_t length = jsonValueLength(rest);
        out.emplace_back(rest.substr(0, length));
        rest.remove_prefix(length);
    }
    return out;
}

namespace {

std::string misfitOf(const schema::JsonSchema& schema, const dom::element& value) {
    const auto violation = schema.check(value);
    return violation ? violation->instancePath + ": " + violation->message : std::string();
}

} // namespace

ObjectReport examineObject(std::string& text, const schema::JsonSchema* structured) {
    thread_local dom::parser json;
    text.reserve(text.size() + MessageReader::padding);
    dom::element root;
    ObjectReport report;
    const std::size_t capacity = json.capacity();
    if (capacity < text.size() && json.allocate(std::max<std::size_t>(text.size() * 2, 4096)) != simdjson::SUCCESS)
        return report;
    dom::object object;
    if (json.parse(text.data(), text.size(), false).get(root) != simdjson::SUCCESS) return report;
    if (root.get_object().get(object) != simdjson::SUCCESS) return report;
    report.isObject = true;
    if (structured) report.misfit = "there is no structuredContent";
    for (const auto field : object) {
        report.hasMeta = report.hasMeta || is(field.key, "_meta");
        report.hasResultType = report.hasResultType || is(field.key, "resultType");
        if (structured && is(field.key, "structuredContent")) report.misfit = misfitOf(*structured, field.value);
        bool failed = false;
        if (is(field.key, "isError") && field.value.get_bool().get(failed) == simdjson::SUCCESS)
            report.isError = failed;
    }
    return report;
}

} // namespace gatehouse::mcp
