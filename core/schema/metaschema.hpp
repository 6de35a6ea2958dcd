// The metaschema of JSON Schema draft 2020-12 and its seven vocabularies, as json-schema.org publishes them (under the
// BSD licence of the specification), without their comments.
//
// Threads: any. Tested by tests/unit/schema/metaschema_test.cpp.
#pragma once

#include <string_view>

namespace gatehouse::schema {

inline constexpr std::string_view metaschemaUri = "https://json-schema.org/draft/2020-12/schema";

// JSON text; empty when `uri` (without '#') names none of them.
std::string_view metaschemaText(std::string_view uri);

} // namespace gatehouse::schema
