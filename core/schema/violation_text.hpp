// The words of a Violation. They quote the schema and member names, never a value of the instance.
//
// Threads: any. Tested by tests/unit/schema/violation_text_test.cpp.
#pragma once

#include <string>
#include <string_view>

#include "schema/schema_tree.hpp"

namespace gatehouse::schema {

std::string namesOf(Types types);                                          // `string or null`
std::string nameOf(const Instance& value);                                 // its type: `integer` for 1 and 1.0
std::string quotedText(std::string_view text);                             // as JSON, cut when it is very long
std::string counted(std::size_t count, const char* one, const char* many); // `1 item`, `2 items`

// `"a", 1 or null`, cut when they are many.
std::string listed(const std::vector<Constant>& constants, const ConstantRange& range);

// `"city" is not allowed`: what stands there at all.
std::string notAllowed(const Where& where);

} // namespace gatehouse::schema
