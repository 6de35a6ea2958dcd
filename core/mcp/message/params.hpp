// The params of a message by name, from the parse that read it: their text is not scanned again.
// Threads: one; a message's params are there until its reader reads again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/json.hpp>

#include "mcp/message/message.hpp"

namespace gatehouse::mcp {

// The param `name`; nothing when it is absent or no string.
std::optional<std::string> textParam(const Message& message, std::string_view name);
// The member of the param `name`, which is an object; nothing when either is absent or another value.
std::optional<std::string> textParam(const Message& message, std::string_view name, std::string_view member);
// The param `name` as a tree; null when it is absent. Numbers beyond 64 bits are refused when a message is read.
Json treeParam(const Message& message, std::string_view name);

} // namespace gatehouse::mcp
