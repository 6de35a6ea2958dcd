// URIs of schemas, and the JSON Pointers behind their '#'. RFC 3986 sections 5.2 and 5.3; RFC 6901.
//
// Only text is handled: nothing here opens a connection. URIs are compared as they are written, without case folding.
//
// Threads: any. Tested by tests/unit/schema/schema_uri_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::schema {

// `reference` as seen from `base`, which may be empty or itself relative. The fragment is that of `reference`.
std::string resolveUri(std::string_view base, std::string_view reference);

struct SplitUri {
    std::string_view document; // before the '#'
    std::string_view fragment; // behind it; empty when there is none
};
SplitUri splitFragment(std::string_view uri);

// Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percentDecoded(std::string_view text);

// The tokens of "" or "/a/b", unescaped; nothing when it is no JSON Pointer.
std::optional<std::vector<std::string>> pointerTokens(std::string_view pointer);

} // namespace gatehouse::schema
