// initialize, notifications/initialized, ping, server/discover.
// Source: MCP basic/lifecycle (legacy), 2026-07-28 server/discover.
#pragma once

#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

void addLifecycleMethods(MethodTable& methods, SessionStore& sessions);

} // namespace gatehouse::mcp
