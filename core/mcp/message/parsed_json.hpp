// A JSON value where its parser left it, for those who look at it again without a second parse.
#pragma once

#include <simdjson.h>

namespace gatehouse::mcp {

struct ParsedJson {
    simdjson::dom::element element;
};

} // namespace gatehouse::mcp
