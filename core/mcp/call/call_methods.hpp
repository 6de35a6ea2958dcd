// tools/call, prompts/get, resources/read and completion/complete: what each wants of its params, and which scopes.
// Source: MCP server/tools, server/prompts, server/resources, server/utilities/completion, basic/patterns/mrtr.
//
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/policy.hpp"
#include "mcp/call/call_starter.hpp"

namespace gatehouse::mcp {

class CallMethods {
public:
    // `policy` null: everybody may call everything.
    CallMethods(const std::shared_ptr<const FeatureRegistry>& features, CallStarterDeps deps,
                const Policy* policy = nullptr)
        : features_(features), policy_(policy), starter_(std::move(deps)) {}

    void addTo(MethodTable& methods);
    CallStarter& starter() { return starter_; }

private:
    CallEnd callTool(MethodCall& call);
    CallEnd getPrompt(MethodCall& call);
    CallEnd readResource(MethodCall& call);
    CallEnd complete(MethodCall& call);
    // Answers with 403 when the caller's scopes do not reach; empty: go on.
    std::optional<CallEnd> denied(MethodCall& call, FeatureKind kind, std::string_view name) const;

    const std::shared_ptr<const FeatureRegistry>& features_; // the newest
    const Policy* const policy_;
    CallStarter starter_;
};

} // namespace gatehouse::mcp
