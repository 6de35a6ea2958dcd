// JSON text with its parse, as long as this is there.
#pragma once

#include <string>

#include "mcp/message/parsed_json.hpp"

namespace gatehouse::test {

class ParsedText {
public:
    explicit ParsedText(const std::string& text) { json_.element = parser_.parse(text); }
    const mcp::ParsedJson& operator*() const { return json_; }
    const mcp::ParsedJson* get() const { return &json_; }

private:
    simdjson::dom::parser parser_;
    mcp::ParsedJson json_;
};

} // namespace gatehouse::test
