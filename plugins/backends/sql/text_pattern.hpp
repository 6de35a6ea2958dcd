// LIKE and GLOB as SQLite defines them, in a form that can be ended.
//
// SQLite's own takes text x pattern steps within one step of its virtual machine, and nothing ends that. This one has
// the same results, invalid UTF-8 included, and asks a watch. What it costs: a function that replaces SQLite's own
// never uses an index.
#pragma once

#include <cstdint>

#include "statement_watch.hpp"

namespace gatehouse::sql {

struct PatternRules {
    std::uint32_t matchAll = '%'; // 0: none
    std::uint32_t matchOne = '_'; // 0: none
    std::uint32_t escape = 0;     // 0: none
    bool hasSets = false;         // [a-z], [^a-z]
    bool foldsCase = true;        // of ASCII

    static constexpr PatternRules like() { return {}; }
    static constexpr PatternRules glob() {
        return {.matchAll = '*', .matchOne = '?', .hasSets = true, .foldsCase = false};
    }
};

enum class PatternVerdict { match, noMatch, ended };

// Both texts are UTF-8 and end at their first NUL.
PatternVerdict matchPattern(const unsigned char* pattern, const unsigned char* text, const PatternRules& rules,
                            StatementWatch& watch);

// The next character, as SQLite reads UTF-8: U+FFFD for what is none, 0 at the end, which it does not pass.
std::uint32_t readCharacter(const unsigned char*& text);

} // namespace gatehouse::sql
