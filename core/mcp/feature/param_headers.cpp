#include "mcp/feature/param_headers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <stdexcept>

#include <gatehouse/ascii.hpp>

#include "base/http_token.hpp"
#include "mcp/message/era.hpp"
#include "mcp/message/parsed_json.hpp"

namespace gatehouse::mcp {

namespace dom = simdjson::dom;

namespace {

constexpr const char* keyword = "x-mcp-header";

bool isOneOf(std::initializer_list<std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// How often the keyword stands in a schema, wherever it stands: not within values, and not as the name of a property.
std::size_t countOf(const Json& schema, std::size_t depth = 0) {
    if (depth > 4 * ParamHeaders::maxDepth || !schema.is_structured()) return 0;
    std::size_t count = schema.is_object() && schema.contains(keyword) ? 1 : 0;
    for (const auto& [word, part] : schema.items()) {
        const bool isValue = schema.is_object() && isOneOf({"const", "default", "enum", "examples"}, word);
        const bool hasNames = schema.is_object() && part.is_object() &&
                              isOneOf({"$defs", "dependentSchemas", "patternProperties", "properties"}, word);
        if (!isValue && !hasNames) count += countOf(part, depth + 1);
        if (hasNames)
            for (const Json& named : part) count += countOf(named, depth + 2);
    }
    return count;
}

// The value at `path`; nothing when it is absent or null.
std::optional<dom::element> valueAt(dom::element value, const std::vector<std::string>& path) {
    for (const std::string& name : path)
        if (value[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value.is_null() ? std::nullopt : std::optional(value);
}

template <class Number>
std::optional<Number> numberIn(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Also 42.0 and 1e2, as far as a double tells integers apart.
std::optional<long long> wholeNumber(std::string_view text) {
    if (const auto plain = numberIn<long long>(text)) return plain;
    constexpr double exact = 1LL << 53;
    const auto value = numberIn<double>(text);
    const bool whole = value && std::abs(*value) <= exact && std::trunc(*value) == *value;
    return whole ? std::optional(static_cast<long long>(*value)) : std::nullopt;
}

// Whole numbers are compared as such, as far as a double tells them apart.
bool says(const std::string& text, double argument) {
    constexpr double exact = 1LL << 53;
    const auto plain = numberIn<long long>(text);
    if (!plain) return numberIn<double>(text) == argument;
    return std::abs(argument) <= exact && std::trunc(argument) == argument &&
           *plain == static_cast<long long>(argument);
}

// True when `text` says what the argument says: a text as it is, true and false by name, a number by its value.
bool says(const std::string& text, const dom::element& argument) {
    switch (argument.type()) {
        case dom::element_type::STRING: return text == std::string_view(argument);
        case dom::element_type::BOOL: return text == (bool(argument) ? "true" : "false");
        case dom::element_type::INT64: return wholeNumber(text) == std::int64_t(argument);
        case dom::element_type::UINT64: return numberIn<std::uint64_t>(text) == std::uint64_t(argument);
        case dom::element_type::DOUBLE: return says(text, double(argument));
        default: return false; // the schema allows none of these
    }
}

RpcError mismatch(const std::string& header, const char* why) {
    return {400, code::headerMismatch, "Header mismatch: " + header + " " + why, ""};
}

} // namespace

ParamHeaders::ParamHeaders(const Json& inputSchema) {
    std::vector<std::string> path;
    collect(inputSchema, path);
    if (countOf(inputSchema) != params_.size())
        throw std::runtime_error("x-mcp-header is allowed only on what can be reached through properties");
}

void ParamHeaders::collect(const Json& schema, std::vector<std::string>& path) {
    const auto properties = schema.is_object() ? schema.find("properties") : schema.end();
    if (properties == schema.end() || !properties->is_object() || path.size() >= maxDepth) return;
    for (const auto& [name, property] : properties->items()) {
        path.push_back(name);
        if (property.is_object() && property.contains(keyword)) add(property, property[keyword], path);
        collect(property, path);
        path.pop_back();
    }
}

void ParamHeaders::add(const Json& property, const Json& name, const std::vector<std::string>& path) {
    const std::string text = name.is_string() ? name.get<std::string>() : std::string();
    if (!isHttpToken(text)) throw std::runtime_error("x-mcp-header of " + path.back() + " must be a token of RFC 9110");
    const std::string type = property.value("type", Json()).is_string() ? property["type"].get<std::string>() : "";
    if (type != "string" && type != "integer" && type != "boolean")
        throw std::runtime_error("x-mcp-header of " + path.back() + " needs type string, integer or boolean");
    const std::string header = "Mcp-Param-" + text;
    for (const Param& other : params_)
        if (equalsIgnoringCase(other.header, header))
            throw std::runtime_error("x-mcp-header " + text + " is a duplicate");
    params_.push_back({header, path});
}

std::optional<RpcError> ParamHeaders::check(const http::RequestHead& head, const ParsedJson& arguments) const {
    for (const Param& param : params_) {
        const auto value = valueAt(arguments.element, param.path);
        if (!value) continue;
        if (head.fields.count(param.header) != 1) return mismatch(param.header, "must be given once");
        const auto given = decodedHeader(*head.find(param.header));
        if (!given) return mismatch(param.header, "is malformed");
        if (!says(*given, *value)) return mismatch(param.header, "differs from the argument");
    }
    return std::nullopt;
}

} // namespace gatehouse::mcp
