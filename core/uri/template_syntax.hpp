// The text of a URI template, read into parts. What the parts mean: uri_template.hpp, template_expansion.hpp.
//
// Source: RFC 6570 section 2. Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

struct TemplateLimits {
    static constexpr std::size_t maxTemplate = 1024; // bytes: a longer template is refused
    static constexpr std::size_t maxVariables = 32;  // of all expressions: more are refused
};

struct TemplateVariable {
    std::string name;       // with dots, as it is written
    std::size_t prefix = 0; // {name:3}: the first 3 characters; 0: all of it
    bool exploded = false;  // {name*}
};

struct TemplatePart {
    std::string literal;                     // as it stands in a URI: what a URI cannot hold is percent-encoded
    char op = '\0';                          // + # . / ; ? & or none
    std::vector<TemplateVariable> variables; // empty: this part is the literal
};

// Literals and expressions in turn, no two literals next to each other. Throws std::runtime_error, which names the
// template and what is wrong: syntax, an operator that RFC 6570 keeps for later, a limit.
std::vector<TemplatePart> templateParts(std::string_view text);

// The same form for all that is said of a template that cannot be used.
[[noreturn]] void refuseTemplate(std::string_view text, const std::string& why);

} // namespace gatehouse
