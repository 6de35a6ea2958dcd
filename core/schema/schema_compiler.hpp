// Makes a SchemaTree of a schema: each keyword is read once, each reference is followed once.
//
// Subschemas wait in a queue, so that neither nesting nor a chain of references is recursed into. What a document has
// under $defs is compiled whether it is used or not, for its faults to be seen at start-up; in another document that
// is so for what the references lead to, and below.
//
// Threads: one call, one thread. Tested by tests/unit/schema/schema_compiler_test.cpp.
#pragma once

#include <memory>

#include "schema/schema_tree.hpp"

namespace gatehouse::schema {

// Throws SchemaError as JsonSchema::compile.
std::shared_ptr<const SchemaTree> compileSchema(const Json& schema, const KnownSchemas& known,
                                                const SchemaLimits& limits);

} // namespace gatehouse::schema
