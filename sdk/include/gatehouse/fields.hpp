// GATEHOUSE_FIELDS: names the fields of a struct once; its JSON Schema, reading and writing follow.
//
//     struct Add { double a = 0, b = 0; };
//     GATEHOUSE_FIELDS(Add, a, b)            // in the struct's own namespace; up to 16 fields
//
// Field types: bool, integers, floating point, std::string, Json (anything), std::vector and std::map<std::string, ...>
// of these, and other structs with fields. std::optional<...> may be absent; every other field is required.
//
// Threads: any; nothing is kept.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse {

// A value that is not of a field's type; what() names the field and both, as in "a: expected a number, got "x"".
class FieldError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// A struct without fields: "{}".
struct NoArguments {};
inline std::tuple<> gatehouseFields(const NoArguments*) { return {}; }

template <class Owner, class Type>
struct Field {
    const char* name;
    Type Owner::*member;
};

template <class Owner, class Type>
constexpr Field<Owner, Type> fieldOf(const char* name, Type Owner::*member) {
    return {name, member};
}

template <class T, class = void>
struct HasFields : std::false_type {};
template <class T>
struct HasFields<T, std::void_t<decltype(gatehouseFields(static_cast<const T*>(nullptr)))>> : std::true_type {};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <class T, class Visit>
void forEachField(const Visit& visit) {
    std::apply([&](const auto&... field) { (visit(field), ...); }, gatehouseFields(static_cast<const T*>(nullptr)));
}

// --- JSON Schema (draft 2020-12)

template <class T>
Json schemaOf();

// RFC 8259 section 6: beyond 2^53 not every reader sees the same integer.
template <class T>
Json integerSchema() {
    constexpr std::int64_t most = (std::int64_t{1} << 53) - 1;
    constexpr bool isWide = sizeof(T) == 8;
    const std::int64_t low = std::is_unsigned_v<T> ? 0
                             : isWide              ? -most
                                                   : static_cast<std::int64_t>(std::numeric_limits<T>::min());
    const std::int64_t high = isWide ? most : static_cast<std::int64_t>(std::numeric_limits<T>::max());
    return {{"type", "integer"}, {"minimum", low}, {"maximum", high}};
}

template <class T>
Json objectSchema() {
    Json properties = Json::object(), required = Json::array();
    forEachField<T>([&](const auto& field) {
        using Type = std::decay_t<decltype(std::declval<T>().*(field.member))>;
        properties[field.name] = schemaOf<Type>();
        if (!IsOptional<Type>::value) required.push_back(field.name);
    });
    Json out = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
    if (!required.empty()) out["required"] = required;
    return out;
}

template <class T>
Json schemaOf() {
    if constexpr (std::is_same_v<T, Json>) return Json::object();
    else if constexpr (std::is_same_v<T, bool>) return {{"type", "boolean"}};
    else if constexpr (std::is_integral_v<T>) return integerSchema<T>();
    else if constexpr (std::is_floating_point_v<T>) return {{"type", "number"}};
    else if constexpr (std::is_same_v<T, std::string>) return {{"type", "string"}};
    else if constexpr (IsOptional<T>::value) return schemaOf<typename T::value_type>();
    else if constexpr (IsVector<T>::value) return {{"type", "array"}, {"items", schemaOf<typename T::value_type>()}};
    else if constexpr (IsMap<T>::value)
        return {{"type", "object"}, {"additionalProperties", schemaOf<typename T::mapped_type>()}};
    else {
        static_assert(HasFields<T>::value, "name its fields: GATEHOUSE_FIELDS(Type, first, second)");
        return objectSchema<T>();
    }
}

// --- reading

template <class T>
T valueFrom(const Json& json, const std::string& at);

[[noreturn]] inline void notA(const char* expected, const Json& got, const std::string& at) {
    const std::string shown = got.dump(-1, ' ', false, Json::error_handler_t::replace);
    throw FieldError((at.empty() ? "" : at + ": ") + "expected " + expected + ", got " + shown.substr(0, 80));
}

// A float without a fraction is an integer (JSON Schema 2020-12 section 6.1.1).
template <class T>
T integerFrom(const Json& json, const std::string& at) {
    const Json schema = integerSchema<T>();
    const double value = json.is_number() ? json.get<double>() : 0.5;
    const bool fits = value >= schema["minimum"].get<double>() && value <= schema["maximum"].get<double>();
    if (!fits || value != static_cast<double>(static_cast<std::int64_t>(value))) {
        const std::string range = "an integer from " + schema["minimum"].dump() + " to " + schema["maximum"].dump();
        notA(range.c_str(), json, at);
    }
    return json.is_number_float() ? static_cast<T>(value) : json.get<T>();
}

template <class T>
T objectFrom(const Json& json, const std::string& at) {
    if (!json.is_object()) notA("an object", json, at);
    T out{};
    forEachField<T>([&](const auto& field) {
        using Type = std::decay_t<decltype(out.*(field.member))>;
        const std::string name = at.empty() ? field.name : at + "." + field.name;
        const auto member = json.find(field.name);
        if (member != json.end()) out.*(field.member) = valueFrom<Type>(*member, name);
        else if (!IsOptional<Type>::value) throw FieldError(name + ": missing");
    });
    return out;
}

template <class T>
T valueFrom(const Json& json, const std::string& at) {
    if constexpr (std::is_same_v<T, Json>) return json;
    else if constexpr (std::is_same_v<T, bool>)
        return json.is_boolean() ? json.get<bool>() : (notA("true or false", json, at), false);
    else if constexpr (std::is_integral_v<T>) return integerFrom<T>(json, at);
    else if constexpr (std::is_floating_point_v<T>)
        return json.is_number() ? json.get<T>() : (notA("a number", json, at), T{});
    else if constexpr (std::is_same_v<T, std::string>)
        return json.is_string() ? json.get<std::string>() : (notA("a string", json, at), std::string());
    else if constexpr (IsOptional<T>::value) return valueFrom<typename T::value_type>(json, at);
    else if constexpr (IsVector<T>::value) {
        if (!json.is_array()) notA("an array", json, at);
        T out;
        for (const Json& item : json)
            out.push_back(valueFrom<typename T::value_type>(item, at + "[" + std::to_string(out.size()) + "]"));
        return out;
    } else if constexpr (IsMap<T>::value) {
        if (!json.is_object()) notA("an object", json, at);
        T out;
        for (const auto& [name, item] : json.items())
            out.emplace(name, valueFrom<typename T::mapped_type>(item, at + "." + name));
        return out;
    } else return objectFrom<T>(json, at);
}

// Throws FieldError, which names the field. Unknown members are ignored: the schema refuses them before.
template <class T>
T fromJson(const Json& json) {
    return valueFrom<T>(json, "");
}

// --- writing

template <class T>
Json toJson(const T& value) {
    if constexpr (IsOptional<T>::value) return value ? toJson(*value) : Json();
    else if constexpr (IsVector<T>::value) {
        Json out = Json::array();
        for (const auto& item : value) out.push_back(toJson<typename T::value_type>(item));
        return out;
    } else if constexpr (IsMap<T>::value) {
        Json out = Json::object();
        for (const auto& [name, item] : value) out[name] = toJson(item);
        return out;
    } else if constexpr (HasFields<T>::value) {
        Json out = Json::object();
        forEachField<T>([&](const auto& field) {
            Json member = toJson(value.*(field.member));
            using Type = std::decay_t<decltype(value.*(field.member))>;
            if (!IsOptional<Type>::value || !member.is_null()) out[field.name] = std::move(member);
        });
        return out;
    } else return value;
}

} // namespace gatehouse

// One macro for each count: the preprocessor cannot count fields by itself.
#define GATEHOUSE_FIELD(Type, name) ::gatehouse::fieldOf(#name, &Type::name)
#define GATEHOUSE_FIELDS_1(T, a) GATEHOUSE_FIELD(T, a)
#define GATEHOUSE_FIELDS_2(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_1(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_3(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_2(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_4(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_3(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_5(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_4(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_6(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_5(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_7(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_6(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_8(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_7(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_9(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_8(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_10(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_9(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_11(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_10(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_12(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_11(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_13(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_12(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_14(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_13(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_15(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_14(T, __VA_ARGS__)
#define GATEHOUSE_FIELDS_16(T, a, ...) GATEHOUSE_FIELD(T, a), GATEHOUSE_FIELDS_15(T, __VA_ARGS__)
#define GATEHOUSE_PICK_FIELDS(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, macro, ...) macro
#define GATEHOUSE_ALL_FIELDS(T, ...)                                                                          \
    GATEHOUSE_PICK_FIELDS(__VA_ARGS__, GATEHOUSE_FIELDS_16, GATEHOUSE_FIELDS_15, GATEHOUSE_FIELDS_14,         \
                          GATEHOUSE_FIELDS_13, GATEHOUSE_FIELDS_12, GATEHOUSE_FIELDS_11, GATEHOUSE_FIELDS_10, \
                          GATEHOUSE_FIELDS_9, GATEHOUSE_FIELDS_8, GATEHOUSE_FIELDS_7, GATEHOUSE_FIELDS_6,     \
                          GATEHOUSE_FIELDS_5, GATEHOUSE_FIELDS_4, GATEHOUSE_FIELDS_3, GATEHOUSE_FIELDS_2,     \
                          GATEHOUSE_FIELDS_1, unused)                                                         \
    (T, __VA_ARGS__)

#define GATEHOUSE_FIELDS(Type, ...) \
    inline auto gatehouseFields(const Type*) { return std::make_tuple(GATEHOUSE_ALL_FIELDS(Type, __VA_ARGS__)); }
