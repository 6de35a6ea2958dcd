// SchemaPattern: a regular expression of a schema, found anywhere in a text. RE2 matches in time linear in the text,
// whatever pattern and text are.
//
// Threads: matches in any. Tested by tests/unit/schema/schema_pattern_test.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "schema/instance.hpp"

namespace re2 {
class RE2;
}

namespace gatehouse::schema {

class SchemaPattern {
public:
    // ECMA-262. `memory`: bytes that it may use, what matching remembers included. Throws PatternError.
    SchemaPattern(std::string_view pattern, std::size_t memory);
    ~SchemaPattern();

    // False also when the budget is spent. Costs by the length of `text` and the size of the pattern.
    bool matches(std::string_view text, Budget& budget) const;
    const std::string& text() const { return text_; } // as the schema has it

private:
    std::string text_;
    std::unique_ptr<const re2::RE2> compiled_;
    std::size_t size_;
};

} // namespace gatehouse::schema
