#include "base/yaml_nesting.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t maxLineFront = 4 * maxYamlNesting; // indentation by up to four

bool opens(char c) { return c == '[' || c == '{'; }
bool closes(char c) { return c == ']' || c == '}'; }
bool nests(char c) { return c == ' ' || c == '-' || c == '?' || c == ':'; }

} // namespace

std::optional<int> lineNestedTooDeeply(std::string_view text) {
    std::size_t open = 0, front = 0;
    int line = 1;
    bool atFront = true;
    for (const char c : text) {
        if (c == '\n') {
            ++line;
            front = 0;
            atFront = true;
            continue;
        }
        if (opens(c)) ++open;
        if (closes(c) && open > 0) --open;
        atFront = atFront && nests(c);
        front += atFront ? 1 : 0;
        if (open > maxYamlNesting || front > maxLineFront) return line;
    }
    return std::nullopt;
}

} // namespace gatehouse
