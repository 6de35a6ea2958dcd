// Reads the keywords of one subschema into its node; what lies below is registered, to be read later.
//
// Threads: one. Tested by tests/unit/schema/node_compiler_test.cpp.
#pragma once

#include "schema/node_register.hpp"

namespace gatehouse::schema {

// Throws SchemaError.
void compileNode(SchemaTree& tree, SchemaDocuments& documents, NodeRegister& nodes, const NodeRegister::Entry& entry);

} // namespace gatehouse::schema
