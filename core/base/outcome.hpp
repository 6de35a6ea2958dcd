// How a request or a call ended, for metrics and the audit log.
#pragma once

#include <string_view>

namespace gatehouse {

enum class Outcome {
    ok,
    toolError,   // a result that says the tool failed
    error,       // a JSON-RPC error
    cancelled,   // by the client, or with its token
    timeout,     // past its deadline
    rejected,    // 401, 403, and what is refused at the head
    limited,     // at a limit of one caller
    unavailable, // at a limit of all, or it cannot be decided now
};

// As the label of metrics and the audit log's member "outcome" have it.
constexpr std::string_view outcomeName(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok: return "ok";
        case Outcome::toolError: return "tool_error";
        case Outcome::error: return "error";
        case Outcome::cancelled: return "cancelled";
        case Outcome::timeout: return "timeout";
        case Outcome::rejected: return "rejected";
        case Outcome::limited: return "limited";
        case Outcome::unavailable: return "unavailable";
    }
    return "error";
}

} // namespace gatehouse
