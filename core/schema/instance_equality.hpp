// When two JSON values are the same (JSON Schema core, section 4.2.2): numbers by value, objects without order.
//
// Equal values have equal hashes. No choice of values makes this slow: a large object is sorted, and when
// many hashes are made to collide the budget ends the comparison. False when the budget is spent: ask it.
//
// Depth: recurses as deep as the instance is nested, which its parser has bounded.
// Threads: any. Tested by tests/unit/schema/instance_equality_test.cpp.
#pragma once

#include "schema/instance.hpp"

namespace gatehouse::schema {

bool areEqual(const Instance& a, const Instance& b, Budget& budget);
std::uint64_t hashOf(const Instance& value, Budget& budget);

// Whether no two items are the same.
bool areAllDifferent(const simdjson::dom::array& items, Budget& budget);

} // namespace gatehouse::schema
