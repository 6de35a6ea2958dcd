#include "mcp/session/pending_asks.hpp"

#include <utility>

namespace gatehouse::mcp {

std::string PendingAsks::expect(const std::string& sessionId, Answered answered) {
    if (asks_.size() >= maxAsks) return {};
    const std::string id = "\"ask-" + std::to_string(next_++) + "\"";
    asks_[{sessionId, id}] = std::move(answered);
    return id;
}

void PendingAsks::answer(const std::string& sessionId, const std::string& idText, std::string_view resultJson,
                         std::string_view errorJson) {
    const auto found = asks_.find({sessionId, idText});
    if (found == asks_.end()) return;
    const Answered answered = std::move(found->second);
    asks_.erase(found);
    answered(resultJson, errorJson);
}

void PendingAsks::forget(const std::string& sessionId, const std::string& idText) { asks_.erase({sessionId, idText}); }

} // namespace gatehouse::mcp
