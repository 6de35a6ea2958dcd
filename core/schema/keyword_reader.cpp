#include "schema/keyword_reader.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace gatehouse::schema {

namespace {

constexpr std::array<std::pair<const char*, Types>, 7> typeNames{{
    {"null", nullType},
    {"boolean", booleanType},
    {"integer", integerType},
    {"number", numberType | integerType},
    {"string", stringType},
    {"array", arrayType},
    {"object", objectType},
}};

std::optional<JsonNumber> numberOf(const Json& value) {
    if (value.is_number_unsigned()) return JsonNumber::of(value.get<std::uint64_t>());
    if (value.is_number_integer()) return JsonNumber::of(value.get<std::int64_t>());
    if (value.is_number_float() && std::isfinite(value.get<double>())) return JsonNumber::of(value.get<double>());
    return std::nullopt;
}

} // namespace

void KeywordReader::refuse(const std::string& keyword, const std::string& why) const {
    throw SchemaError(placeOf_() + "/" + keyword, why);
}

const Json* KeywordReader::find(const char* keyword) const {
    const auto found = schema_.find(keyword);
    return found == schema_.end() ? nullptr : &*found;
}

const Json* KeywordReader::object(const char* keyword) const {
    const Json* value = find(keyword);
    if (value != nullptr && !value->is_object()) refuse(keyword, "expected an object");
    return value;
}

const Json* KeywordReader::schemas(const char* keyword) const {
    const Json* value = find(keyword);
    if (value != nullptr && (!value->is_array() || value->empty())) refuse(keyword, "expected an array of schemas");
    return value;
}

const std::string* KeywordReader::text(const char* keyword) const {
    const Json* value = find(keyword);
    if (value != nullptr && !value->is_string()) refuse(keyword, "expected a string");
    return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

bool KeywordReader::flag(const char* keyword) const {
    const Json* value = find(keyword);
    if (value != nullptr && !value->is_boolean()) refuse(keyword, "expected true or false");
    return value != nullptr && value->get<bool>();
}

std::size_t KeywordReader::count(const char* keyword, std::size_t absent) const {
    const auto value = number(keyword);
    if (!value) return absent;
    if (!value->isInteger() || compare(*value, JsonNumber::of(std::uint64_t{0})) < 0)
        refuse(keyword, "expected an integer that is not negative");
    return value->natural();
}

std::optional<JsonNumber> KeywordReader::number(const char* keyword) const {
    const Json* value = find(keyword);
    if (value == nullptr) return std::nullopt;
    const auto number = numberOf(*value);
    if (!number) refuse(keyword, "expected a number");
    return number;
}

std::vector<std::string> KeywordReader::names(const char* keyword) const {
    const Json* list = find(keyword);
    return list == nullptr ? std::vector<std::string>() : names(keyword, *list);
}

std::vector<std::string> KeywordReader::names(const char* keyword, const Json& list) const {
    if (!list.is_array()) refuse(keyword, "expected an array of names");
    std::vector<std::string> names;
    for (const Json& name : list) {
        if (!name.is_string()) refuse(keyword, "expected an array of names");
        names.push_back(name.get<std::string>());
    }
    return names;
}

Types KeywordReader::typeOf(const Json& name) const {
    for (const auto& [text, types] : typeNames)
        if (name == text) return types;
    refuse("type", "expected null, boolean, integer, number, string, array, object or a list of them");
}

Types KeywordReader::types() const {
    const Json* value = find("type");
    if (value == nullptr) return anyType;
    if (!value->is_array()) return typeOf(*value);
    unsigned types = 0;
    for (const Json& name : *value) types |= typeOf(name);
    if (types == 0) refuse("type", "the list of types is empty");
    return static_cast<Types>(types);
}

} // namespace gatehouse::schema
