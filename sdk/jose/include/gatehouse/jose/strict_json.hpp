// Untrusted JSON, read strictly: a document has one meaning, or is refused.
//
// Refused besides what is no JSON (RFC 8259): a duplicate member (RFC 7515 section 4), nesting
// beyond a limit, numbers that no double can hold, text that is not UTF-8, bytes after the end. Threads: any.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <gatehouse/json.hpp>

namespace gatehouse::jose {

inline constexpr std::size_t maxJsonDepth = 16; // far beyond what claims need

std::optional<Json> strictJson(std::string_view text, std::size_t maxDepth = maxJsonDepth);
// The same, and it is an object.
std::optional<Json> strictJsonObject(std::string_view text, std::size_t maxDepth = maxJsonDepth);

} // namespace gatehouse::jose
