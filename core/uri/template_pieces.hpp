// A URI template cut into the pieces that matching goes through from left to right.
// What the pieces match is told in mcp/uri_template.hpp. Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "uri/template_syntax.hpp"

namespace gatehouse {

struct TemplatePiece {
    enum class Kind { literal, value, parameters };
    Kind kind = Kind::literal;
    std::string literal;                     // literal: never empty
    std::string forbidden;                   // value: the raw characters that it cannot hold
    char op = '\0';                          // value, parameters: of its expression
    std::vector<TemplateVariable> variables; // value: one; parameters: all that may come
};

// Throws std::runtime_error, which names the template and what is wrong with it: its syntax, a limit (TemplateLimits),
// a duplicate variable, two expressions without a boundary between them ({a}{b}, {a*,b*}, {?q}{x}).
std::vector<TemplatePiece> templatePieces(const std::string& text);

char itemSeparator(char op);             // between the items of an exploded variable, as its value has them
std::string_view parameterEnds(char op); // each of these characters ends the parameters of ; ? or &

} // namespace gatehouse
