#include "mcp/feature/list_methods.hpp"

#include <algorithm>

#include <gatehouse/json_text.hpp>

#include "mcp/feature/page_cursor.hpp"
#include "mcp/message/params.hpp"

namespace gatehouse::mcp {

namespace {

constexpr std::string_view caching = R"("ttlMs":60000,"cacheScope":"private",)"; // it may depend on the caller

// Where the page begins; nothing for a cursor that is not ours.
std::optional<std::size_t> beginOf(const MethodCall& call, const Sealer& cursors, const PagedList& paged) {
    const Json cursor = treeParam(call.message, "cursor");
    if (cursor.is_null()) return 0;
    if (!cursor.is_string()) return std::nullopt;
    return offsetOf(cursors, paged, cursor.get<std::string>());
}

} // namespace

void ListMethods::addTo(MethodTable& methods) {
    const auto both = MethodTable::In::both;
    methods.add("tools/list", both, [this](MethodCall& call) { return list(call, features_->tools(), true); });
    methods.add("prompts/list", both, [this](MethodCall& call) {
        return list(call, features_->prompts(), !features_->prompts().items.empty());
    });
    methods.add("resources/list", both,
                [this](MethodCall& call) { return list(call, features_->resources(), features_->hasResources()); });
    methods.add("resources/templates/list", both,
                [this](MethodCall& call) { return list(call, features_->templates(), features_->hasResources()); });
}

// What its token keeps a caller from is not shown; nor what the policy does, if that wants it so.
bool ListMethods::shows(const MethodCall& call, const FeatureRegistry::List& list, std::size_t index) const {
    if (!mayUse(*call.request->caller, list.kind, list.names[index])) return false;
    if (!policy_ || !policy_->hides()) return true;
    return policy_->refusal(list.kind, list.names[index], *call.request->grants).empty();
}

CallEnd ListMethods::list(MethodCall& call, const FeatureRegistry::List& list, bool offered) const {
    if (!offered) return methodNotFound(call);
    const PagedList paged{call.message.method, call.request->caller->identity.isolationKey, features_->generation()};
    const auto begin = beginOf(call, cursors_, paged);
    if (!begin || *begin > list.items.size()) return invalidParams(call, "Invalid params: unknown cursor");
    std::string out = "{";
    if (call.isModern()) out += caching;
    out.append("\"").append(list.member).append("\":[");
    std::size_t end = *begin, shown = 0;
    for (; end < list.items.size() && shown < pageItems_; ++end)
        if (shows(call, list, end)) out.append(shown++ == 0 ? "" : ",").append(list.items[end]);
    out += ']';
    if (end < list.items.size()) {
        out += R"(,"nextCursor":)";
        appendJsonString(out, cursorFor(cursors_, paged, end));
    }
    return answerMethod(call, out += '}');
}

} // namespace gatehouse::mcp
