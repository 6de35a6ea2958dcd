// What a $schema says about the keywords beside it. JSON Schema core, section 8.1.
//
// Threads: any. Tested by tests/unit/schema/dialect_test.cpp.
#pragma once

#include <stdexcept>
#include <string>

#include "schema/json_schema.hpp"

namespace gatehouse::schema {

// Why a dialect cannot be served.
class DialectError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Which groups of keywords mean something.
struct Vocabularies {
    bool applicator = true, unevaluated = true, validation = true;
};

// `uri` is the value of $schema; a metaschema of one's own is looked up in `known`, and its $vocabulary decides. Throws
// DialectError: not 2020-12; not known; asks for a vocabulary that is not.
Vocabularies vocabulariesOf(const std::string& uri, const KnownSchemas& known);

// Where a keyword has its subschemas.
enum class Holds { nothing, schema, list, members };
Holds holdingOf(const std::string& keyword);

} // namespace gatehouse::schema
