// KeywordReader: the keywords of one schema object, each in the shape that JSON Schema gives it.
//
// Threads: one. Tested by tests/unit/schema/keyword_reader_test.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schema/instance.hpp"
#include "schema/json_schema.hpp"

namespace gatehouse::schema {

class KeywordReader {
public:
    using PlaceOf = std::function<std::string()>; // the place of the schema, asked for when something is refused

    // Borrowed: `schema`, an object, must outlive it.
    KeywordReader(const Json& schema, PlaceOf placeOf) : schema_(schema), placeOf_(std::move(placeOf)) {}

    // Each throws SchemaError when the keyword is there in another shape.
    const Json* find(const char* keyword) const;    // null: it is absent
    const Json* object(const char* keyword) const;  // null: it is absent
    const Json* schemas(const char* keyword) const; // an array with at least one item; null: it is absent
    const std::string* text(const char* keyword) const;
    bool flag(const char* keyword) const; // absent: false
    std::size_t count(const char* keyword, std::size_t absent) const;
    std::optional<JsonNumber> number(const char* keyword) const;
    std::vector<std::string> names(const char* keyword) const; // absent: none
    std::vector<std::string> names(const char* keyword, const Json& list) const;
    Types types() const; // absent: any

    [[noreturn]] void refuse(const std::string& keyword, const std::string& why) const;

private:
    Types typeOf(const Json& name) const;
    const Json& schema_;
    PlaceOf placeOf_;
};

} // namespace gatehouse::schema
