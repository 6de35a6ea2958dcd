// Arguments that fit a JSON Schema (draft 2020-12), made from it: the smallest that it says of itself.
// Threads: any; nothing is kept.
#pragma once

#include <optional>

#include <gatehouse/json.hpp>

namespace gatehouse::kit {

// A default, constant, example or first of an enumeration where there is one; else the least value of the type. Only
// what is required is there. Nothing when it does not fit after all (a pattern, a condition).
std::optional<Json> sampleFor(const Json& schema);

} // namespace gatehouse::kit
