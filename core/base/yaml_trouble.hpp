// What is wrong with a text that no YAML parser takes, in words for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

struct YamlTrouble {
    int line; // from 1: where the mistake is, which may be before the line at which the parser gave up
    std::string words;
};

// `line` and `message` are the parser's. The usual mistakes are looked for first: a tab, a quote or a bracket that is
// not closed, a space that is missing after a colon, a value that must be quoted. Reentrant; for texts of some MiB.
YamlTrouble yamlTrouble(std::string_view text, int line, const std::string& message);

// A quote that seems to be open at the end of the text, though a parser took it. In block scalars it may only seem so.
std::optional<YamlTrouble> openQuote(std::string_view text);

} // namespace gatehouse
