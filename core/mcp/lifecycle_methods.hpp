// initialize, ping, logging/setLevel, server/discover.
// Source: MCP basic/lifecycle, server/discover, server/utilities/logging.
// Threads: one (the loop's).
#pragma once

#include <memory>

#include "mcp/feature/feature_registry.hpp"
#include "mcp/method_table.hpp"
#include "mcp/session/session_store.hpp"

namespace gatehouse::mcp {

// Both outlive the table; `features` always points to the newest.
void addLifecycleMethods(MethodTable& methods, SessionStore& sessions,
                         const std::shared_ptr<const FeatureRegistry>& features);

} // namespace gatehouse::mcp
