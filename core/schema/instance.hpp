// Instance: one value that is checked. Where: the way to it. Budget: the work that is left.
//
// Threads: each check has its own. Views: they live as long as the parser's document.
// Tested by tests/unit/schema/instance_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "schema/json_number.hpp"

namespace gatehouse::schema {

// The types of JSON Schema, as bits: an instance that is an integer is a number as well.
enum Type : std::uint8_t {
    nullType = 1,
    booleanType = 2,
    integerType = 4,
    numberType = 8,
    stringType = 16,
    arrayType = 32,
    objectType = 64,
};
using Types = std::uint8_t;
constexpr Types anyType = 127;

// The types that the value has for sure; of a double that it is a number, which may be an integer as well.
Types plainTypesOf(const simdjson::dom::element& value);

struct Instance {
    explicit Instance(const simdjson::dom::element& value);
    // A member's name as a value of its own, for `propertyNames`; `element` is not to be used then.
    explicit Instance(std::string_view name) : types(stringType), text(name) {}

    bool is(Type type) const { return (types & type) != 0; }
    // Only of that type, and not of a member's name.
    simdjson::dom::array array() const { return element.get_array().value_unsafe(); }
    simdjson::dom::object object() const { return element.get_object().value_unsafe(); }

    Types types;
    JsonNumber number = JsonNumber::of(std::uint64_t{0}); // of a number
    std::string_view text;                                // of a string, unescaped
    simdjson::dom::element element{};
};

// One step of the way from the root to a value; the steps lie on the stack of the check.
struct Where {
    const Where* parent = nullptr; // of the root: null
    std::string_view name{};       // of a member
    std::size_t index = 0;         // of an item
    bool isItem = false;
};

// RFC 6901. Names are cut when they are very long.
std::string pointerOf(const Where& where);
void appendPointerToken(std::string& pointer, std::string_view token);

// The steps of work that one check may still do.
class Budget {
public:
    explicit Budget(std::size_t steps) : left_(steps) {}
    // False, from then on, when there are not so many.
    bool use(std::size_t steps = 1) {
        if (steps > left_) return spend();
        left_ -= steps;
        return true;
    }
    bool isSpent() const { return isSpent_; }

private:
    bool spend() {
        left_ = 0;
        isSpent_ = true;
        return false;
    }
    std::size_t left_;
    bool isSpent_ = false;
};

} // namespace gatehouse::schema
