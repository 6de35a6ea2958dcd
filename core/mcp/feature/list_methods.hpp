// tools/list, resources/list, resources/templates/list and prompts/list, in pages.
// Source: MCP server/utilities/pagination, server/utilities/caching.
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <string>

#include "base/sealed_text.hpp"
#include "mcp/feature/feature_registry.hpp"
#include "mcp/method_table.hpp"

namespace gatehouse::mcp {

class ListMethods {
public:
    // `policy` null: everybody sees everything.
    ListMethods(const std::shared_ptr<const FeatureRegistry>& features, const Sealer& cursors, std::size_t pageItems,
                const Policy* policy = nullptr)
        : features_(features), cursors_(cursors), pageItems_(pageItems), policy_(policy) {}

    void addTo(MethodTable& methods);

private:
    CallEnd list(MethodCall& call, const FeatureRegistry::List& list, bool offered) const;
    bool shows(const MethodCall& call, const FeatureRegistry::List& list, std::size_t index) const;

    const std::shared_ptr<const FeatureRegistry>& features_; // the newest
    const Sealer& cursors_;
    const std::size_t pageItems_;
    const Policy* const policy_;
};

} // namespace gatehouse::mcp
