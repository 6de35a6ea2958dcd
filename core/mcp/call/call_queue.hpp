// CallQueue: calls of an identity that has its share of the workers already. Each waits for one of its own to return;
// other identities do not wait for them.
// Threads: one (the loop's).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace gatehouse::mcp {

class RunningCall;

class CallQueue {
public:
    using Ticket = std::uint64_t; // never 0
    // Keeps the call alive while it waits.
    Ticket add(const std::string& isolationKey, std::shared_ptr<RunningCall> call) {
        ofKey_[isolationKey].emplace(++last_, std::move(call));
        return last_;
    }
    void remove(const std::string& isolationKey, Ticket ticket) {
        const auto found = ofKey_.find(isolationKey);
        if (found == ofKey_.end()) return;
        found->second.erase(ticket);
        if (found->second.empty()) ofKey_.erase(found);
    }
    // The one that has waited longest, taken out; null when none waits.
    std::shared_ptr<RunningCall> next(const std::string& isolationKey) {
        const auto found = ofKey_.find(isolationKey);
        if (found == ofKey_.end()) return nullptr;
        const auto call = found->second.begin()->second;
        remove(isolationKey, found->second.begin()->first);
        return call;
    }

private:
    std::unordered_map<std::string, std::map<Ticket, std::shared_ptr<RunningCall>>> ofKey_;
    Ticket last_ = 0;
};

} // namespace gatehouse::mcp
