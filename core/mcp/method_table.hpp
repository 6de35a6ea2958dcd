// MethodTable: the MCP methods of each era, and their handlers.
// Threads: built before serving, then read by the loop.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "handler/call_end.hpp"
#include "handler/request_context.hpp"
#include "http/head.hpp"
#include "mcp/message/answer.hpp"
#include "mcp/message/era.hpp"
#include "mcp/message/message.hpp"
#include "mcp/session/session.hpp"

namespace gatehouse::mcp {

// One request on its way through a method.
struct MethodCall {
    ResponseWriter& writer;
    const Message& message;
    const RequestPtr& request;
    Era era = Era::legacy;
    AnswerForm form;
    Session* session = nullptr;              // legacy, when the request named one
    const http::RequestHead* head = nullptr; // null where there are no headers (stdio)
    std::string channel = {}; // within which request ids name one request: the session's id, a transport's, or empty

    bool isModern() const { return era == Era::modern; }
};

// Answers with an error, and tells of it.
CallEnd failMethod(MethodCall& call, const RpcError& error, std::string_view reason);
CallEnd invalidParams(MethodCall& call, std::string text);
CallEnd methodNotFound(MethodCall& call);
// 429 with Retry-After: the caller holds all that one may hold. `what`: a sentence.
CallEnd tooMuch(MethodCall& call, std::string what, std::string_view reason);
// True when a URI is longer than any may be; answered then.
bool uriIsTooLong(MethodCall& call, std::string_view uri, CallEnd& end);
// Answers with a result object that has neither resultType nor _meta.
CallEnd answerMethod(MethodCall& call, std::string_view resultJson);

class MethodTable {
public:
    using Method = std::function<CallEnd(MethodCall&)>;
    enum class In { legacy, modern, both };

    void add(std::string name, In eras, Method method);
    std::vector<std::string> names() const;                   // of both eras, each once
    const Method* find(std::string_view name, Era era) const; // null: no such method in that era

private:
    std::map<std::string, Method, std::less<>> legacy_;
    std::map<std::string, Method, std::less<>> modern_;
};

} // namespace gatehouse::mcp
