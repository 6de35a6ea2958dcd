#include "mcp/message/params.hpp"

#include "mcp/message/parsed_json.hpp"

namespace gatehouse::mcp {

namespace dom = simdjson::dom;

namespace {

// As deep as a message may be nested (message.cpp).
Json treeOf(const dom::element& value) {
    switch (value.type()) {
        case dom::element_type::ARRAY: {
            Json out = Json::array();
            for (const dom::element item : dom::array(value)) out.push_back(treeOf(item));
            return out;
        }
        case dom::element_type::OBJECT: {
            Json out = Json::object();
            for (const auto field : dom::object(value)) out.emplace(field.key, treeOf(field.value));
            return out;
        }
        case dom::element_type::INT64: return std::int64_t(value);
        case dom::element_type::UINT64: return std::uint64_t(value);
        case dom::element_type::DOUBLE: return double(value);
        case dom::element_type::STRING: return std::string_view(value);
        case dom::element_type::BOOL: return bool(value);
        case dom::element_type::NULL_VALUE: break;
    }
    return nullptr;
}

} // namespace

std::optional<std::string> textParam(const Message& message, std::string_view name) {
    std::string_view text;
    if (message.params->element[name].get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> textParam(const Message& message, std::string_view name, std::string_view member) {
    std::string_view text;
    if (message.params->element[name][member].get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    return std::string(text);
}

Json treeParam(const Message& message, std::string_view name) {
    dom::element value;
    return message.params->element[name].get(value) == simdjson::SUCCESS ? treeOf(value) : Json();
}

} // namespace gatehouse::mcp
