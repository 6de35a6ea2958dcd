// MethodTable: which MCP methods there are in each era, and who answers them.
// Threads: built before serving, then read by the loop.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "auth/caller.hpp"
#include "http/exchange.hpp"
#include "mcp/answer.hpp"
#include "mcp/message.hpp"
#include "mcp/session_store.hpp"

namespace gatehouse::mcp {

// One request on its way through a method.
struct MethodCall {
    http::Exchange& exchange;
    const Message& message;
    const CallerPtr& caller;
    AnswerForm form;
    const Session* session = nullptr; // legacy, when the request named one
    SteadyTime began{};
    std::string_view peer; // the client's address
};

// How a method ended, when it ended at once; an empty outcome: later.
struct MethodEnd {
    std::string_view outcome;
    std::string_view reason;
    int httpStatus = 200;
};

class MethodTable {
public:
    using Method = std::function<MethodEnd(MethodCall&)>;
    enum class In { legacy, modern, both };

    void add(std::string name, In eras, Method method);
    const Method* find(std::string_view name, bool modern) const; // null: no such method in that era

private:
    std::map<std::string, Method, std::less<>> legacy_;
    std::map<std::string, Method, std::less<>> modern_;
};

} // namespace gatehouse::mcp
