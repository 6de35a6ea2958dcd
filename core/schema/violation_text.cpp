#include "schema/violation_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::schema {

namespace {

constexpr std::size_t longestQuote = 100;
constexpr std::size_t mostListed = 10;

constexpr std::array<std::pair<Types, const char*>, 7> typeNames{{
    {stringType, "string"},
    {numberType, "number"},
    {integerType, "integer"},
    {booleanType, "boolean"},
    {arrayType, "array"},
    {objectType, "object"},
    {nullType, "null"},
}};

void appendEscaped(std::string& out, char c) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
    else {
        out += "\\u00";
        out += "0123456789abcdef"[c >> 4 & 15];
        out += "0123456789abcdef"[c & 15];
    }
}

std::string textOf(const Constant& constant) {
    const Instance& value = constant.value;
    if (value.is(stringType)) return quotedText(value.text);
    const std::string text = simdjson::minify(value.element);
    return text.size() <= longestQuote ? text : nameOf(value) + " of the schema";
}

// "a, b or c"
std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += i + 1 == parts.size() ? " or " : ", ";
        out += parts[i];
    }
    return out;
}

} // namespace

std::string namesOf(Types types) {
    std::vector<std::string> names;
    for (const auto& [type, name] : typeNames) {
        const bool isSaid = type == integerType && (types & numberType) != 0; // an integer is a number
        if ((types & type) != 0 && !isSaid) names.emplace_back(name);
    }
    return joined(names);
}

std::string nameOf(const Instance& value) { return namesOf(value.is(integerType) ? Types{integerType} : value.types); }

std::string quotedText(std::string_view text) {
    std::size_t length = std::min(text.size(), longestQuote);
    if (length < text.size())
        while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    std::string out = "\"";
    for (const char c : text.substr(0, length)) appendEscaped(out, c);
    return out + (length < text.size() ? "...\"" : "\"");
}

std::string counted(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string listed(const std::vector<Constant>& constants, const ConstantRange& range) {
    std::vector<std::string> parts;
    for (std::size_t i = range.begin; i < range.end && parts.size() < mostListed; ++i)
        parts.push_back(textOf(constants[i]));
    if (range.size() > mostListed) parts.push_back(std::to_string(range.size() - mostListed) + " others");
    return parts.empty() ? "nothing" : joined(parts);
}

std::string notAllowed(const Where& where) {
    if (where.parent == nullptr) return "no value is allowed";
    return where.isItem ? "item " + std::to_string(where.index) + " is not allowed"
                        : quotedText(where.name) + " is not allowed";
}

} // namespace gatehouse::schema
