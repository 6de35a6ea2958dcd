// A JSON value where its parser left it, so that it can be read again without a second parse.
#pragma once

#include <simdjson.h>

namespace gatehouse::mcp {

struct ParsedJson {
    simdjson::dom::element element;
};

} // namespace gatehouse::mcp
