#include "schema/instance.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::schema {

namespace {

constexpr std::size_t longestToken = 200;

Types typesOf(const JsonNumber& number) {
    return static_cast<Types>(number.isInteger() ? numberType | integerType : numberType);
}

} // namespace

Types plainTypesOf(const simdjson::dom::element& value) {
    using Kind = simdjson::dom::element_type;
    switch (value.type()) {
        case Kind::STRING: return stringType;
        case Kind::OBJECT: return objectType;
        case Kind::ARRAY: return arrayType;
        case Kind::INT64:
        case Kind::UINT64: return static_cast<Types>(numberType | integerType);
        case Kind::DOUBLE: return numberType;
        case Kind::BOOL: return booleanType;
        case Kind::NULL_VALUE: return nullType;
    }
    return nullType;
}

Instance::Instance(const simdjson::dom::element& value) : types(nullType), element(value) {
    using Kind = simdjson::dom::element_type;
    switch (value.type()) {
        case Kind::STRING:
            types = stringType;
            text = value.get_string().value_unsafe();
            return;
        case Kind::OBJECT: types = objectType; return;
        case Kind::ARRAY: types = arrayType; return;
        case Kind::INT64:
            types = numberType | integerType;
            number = JsonNumber::of(value.get_int64().value_unsafe());
            return;
        case Kind::UINT64:
            types = numberType | integerType;
            number = JsonNumber::of(value.get_uint64().value_unsafe());
            return;
        case Kind::DOUBLE:
            number = JsonNumber::of(value.get_double().value_unsafe());
            types = typesOf(number);
            return;
        case Kind::BOOL: types = booleanType; return;
        case Kind::NULL_VALUE: return;
    }
}

void appendPointerToken(std::string& pointer, std::string_view token) {
    pointer += '/';
    std::size_t length = std::min(token.size(), longestToken);
    if (length < token.size())
        while (length > 0 && (static_cast<unsigned char>(token[length]) & 0xC0) == 0x80) --length;
    for (const char c : token.substr(0, length)) {
        if (c == '~') pointer += "~0";
        else if (c == '/') pointer += "~1";
        else pointer += c;
    }
    if (length < token.size()) pointer += "...";
}

std::string pointerOf(const Where& where) {
    std::vector<const Where*> way;
    for (const Where* at = &where; at->parent != nullptr; at = at->parent) way.push_back(at);
    std::string pointer;
    for (auto step = way.rbegin(); step != way.rend(); ++step)
        appendPointerToken(pointer, (*step)->isItem ? std::to_string((*step)->index) : std::string((*step)->name));
    return pointer;
}

} // namespace gatehouse::schema
