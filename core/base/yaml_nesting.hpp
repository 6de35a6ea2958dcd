// A bound on how deep a YAML text may be nested, judged before a parser that recurses sees it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gatehouse {

inline constexpr std::size_t maxYamlNesting = 64;

// The first line (from 1) that may be nested deeper than maxYamlNesting: by open brackets, or by the indentation,
// dashes and marks that begin it. Brackets in comments and quoted words count as well. Reentrant.
std::optional<int> lineNestedTooDeeply(std::string_view text);

} // namespace gatehouse
