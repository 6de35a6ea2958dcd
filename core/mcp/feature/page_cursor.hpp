// Cursors of the list methods: where the next page begins, sealed for one list and one caller.
//
// Source: MCP server/utilities/pagination. A cursor is opaque to clients and the server remembers none. It has no end
// in time: nothing in it goes stale but the list itself, and the generation tells that. Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/sealed_text.hpp"

namespace gatehouse::mcp {

// The list that a cursor goes through.
struct PagedList {
    std::string_view method;       // "tools/list"
    std::string_view isolationKey; // of the caller, whose list it is
    std::uint64_t generation = 0;  // another one when the list is another
};

// `offset`: entries before the next page. `sealer` is kept for cursors ("cursor" as its purpose). Throws as
// Sealer::seal.
std::string cursorFor(const Sealer& sealer, const PagedList& list, std::size_t offset);

// Nothing when the cursor is not one that cursorFor made for this very list: answer -32602. The empty string is no
// cursor. The offset is one that was given out; the list may have become shorter since.
std::optional<std::size_t> offsetOf(const Sealer& sealer, const PagedList& list, std::string_view cursor);

} // namespace gatehouse::mcp
