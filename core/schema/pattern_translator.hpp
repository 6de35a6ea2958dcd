// Turns a regular expression of ECMA-262 (with flag u, as JSON Schema core section 6.4 advises) into one for RE2.
//
// The two differ in what `.`, `$`, `\s`, `\cX`, `\uXXXX`, `[]`, `[^]` and long property names mean; each is rewritten.
// Groups capture nothing: only whether a text matches is asked.
//
// Threads: any. Tested by tests/unit/schema/pattern_translator_test.cpp.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace gatehouse::schema {

// Why a pattern cannot be served.
class PatternError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Throws PatternError for what RE2 cannot do (look-ahead, look-behind, back references) and for what is no pattern, as
// far as it is seen here; RE2 sees the rest.
std::string toRe2(std::string_view pattern);

} // namespace gatehouse::schema
