// tools/list, resources/list, resources/templates/list and prompts/list, in pages.
// Source: MCP server/utilities/pagination, server/utilities/caching.
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <string>

#include "base/sealed_text.hpp"
#include "mcp/feature_registry.hpp"
#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

class ListMethods {
public:
    ListMethods(const std::shared_ptr<const FeatureRegistry>& features, const Sealer& cursors, std::size_t pageItems)
        : features_(features), cursors_(cursors), pageItems_(pageItems) {}

    void addTo(MethodTable& methods);

private:
    MethodEnd list(MethodCall& call, const FeatureRegistry::List& list, bool offered) const;

    const std::shared_ptr<const FeatureRegistry>& features_; // the newest
    const Sealer& cursors_;
    const std::size_t pageItems_;
};

} // namespace gatehouse::mcp
