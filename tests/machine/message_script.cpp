#include "machine/message_script.hpp"

#include <algorithm>

namespace gatehouse::test {

namespace {

constexpr std::array<std::string_view, 4> versions{"2025-03-26", "2025-06-18", "2025-11-25", "2024-11-05"};
constexpr std::array<std::string_view, 3> tools{"inline", "work", "task"};
constexpr std::string_view answers = R"("inputResponses":{"a":{"action":"accept","content":{}}})";

std::string rpcText(const std::string& id, std::string_view method, const std::string& params) {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + std::string(method) + R"(","params":)" + params + "}";
}

// The texts between `before` and `after`, the latest few.
void collect(std::string_view bytes, std::string_view before, char after, std::vector<std::string>& into) {
    for (std::size_t at = bytes.find(before); at != std::string_view::npos; at = bytes.find(before, at + 1)) {
        const std::size_t from = at + before.size(), end = bytes.find(after, from);
        if (end == std::string_view::npos) return;
        std::string found(bytes.substr(from, end - from));
        if (std::find(into.begin(), into.end(), found) == into.end()) into.push_back(std::move(found));
        if (into.size() > 6) into.erase(into.begin());
    }
}

} // namespace

void KnownIds::learn(std::string_view bytes) {
    collect(bytes, "Mcp-Session-Id: ", '\r', sessions);
    collect(bytes, "session=", '\n', oldSessions);
    collect(bytes, R"("taskId":")", '"', tasks);
    collect(bytes, R"("requestState":")", '"', states);
    std::vector<std::string> asks;
    collect(bytes, R"("id":"ask-)", '"', asks);
    for (const std::string& ask : asks) lastAsk = std::max(lastAsk, std::atoi(ask.c_str()));
}

template <class List>
std::string MessageScript::anyOf(const List& list) {
    return list.empty() ? std::string() : std::string(list[choices_.below(static_cast<std::uint32_t>(list.size()))]);
}

std::string MessageScript::httpRequest() {
    switch (choices_.below(12)) {
        case 0: return stream();
        case 1:
            if (!choices_.oneIn(4)) return stream();
            return "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n" + token() + withSession() + "\r\n";
        case 2: return "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + token() + "\r\n";
        case 3:
        case 4: return post("/messages?session=" + anyOf(known.oldSessions), "", message().body);
        case 5: return post("/mcp", "MCP-Protocol-Version: 2025-03-26\r\n", batch());
        default: {
            const Message one = message();
            return post("/mcp", one.fields, one.body);
        }
    }
}

std::string MessageScript::line() { return choices_.oneIn(12) ? batch() : message().body; }

std::string MessageScript::post(const std::string& target, const std::string& fields, const std::string& body) {
    constexpr std::array<std::string_view, 4> accepted{"application/json, text/event-stream", "*/*",
                                                       "text/event-stream", "application/json"};
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: " +
           std::string(choices_.of(accepted)) + "\r\n" + token() + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string MessageScript::stream() {
    std::string last;
    if (choices_.oneIn(2))
        last = "Last-Event-ID: " + std::to_string(choices_.below(6)) + "-" + std::to_string(choices_.below(4)) + "\r\n";
    return "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + token() + withSession() + last +
           "\r\n";
}

std::string MessageScript::withSession() {
    const std::string session = choices_.oneIn(6) ? std::string() : anyOf(known.sessions);
    return session.empty() ? std::string() : "Mcp-Session-Id: " + session + "\r\n";
}

// Many tokens of one identity, a few of another, and those that are no good.
std::string MessageScript::token() {
    constexpr std::array<std::string_view, 8> tokens{"alice-1", "alice-1", "alice-1", "alice-2",
                                                     "alice-1", "alice-2", "bob-1",   "alice-brief"};
    constexpr std::array<std::string_view, 3> others{"bad", "down", "once-1"};
    if (choices_.oneIn(40)) return {};
    if (choices_.oneIn(12)) return "Authorization: Bearer " + std::string(choices_.of(others)) + "\r\n";
    std::string out(choices_.of(tokens));
    if (choices_.oneIn(16)) out = std::string("mark-") + static_cast<char>('A' + choices_.below(26));
    if (choices_.oneIn(8)) out = "alice-" + std::to_string(choices_.below(50));
    return "Authorization: Bearer " + out + "\r\n";
}

std::string MessageScript::id() {
    if (choices_.oneIn(10)) return std::to_string(1 + choices_.below(static_cast<std::uint32_t>(nextId_)));
    return std::to_string(nextId_++);
}

std::string MessageScript::batch() {
    std::string out = "[";
    for (std::uint32_t i = choices_.below(5); i > 0; --i)
        out += (choices_.oneIn(8) ? message() : legacy()).body + (i > 1 ? "," : "");
    return out + "]";
}

MessageScript::Message MessageScript::message() {
    switch (choices_.below(8)) {
        case 0: {
            const std::string version(choices_.of(versions));
            return {
                rpcText(
                    id(), "initialize",
                    R"({"protocolVersion":")" + version +
                        R"(","capabilities":{"elicitation":{"form":{}},"sampling":{}},"clientInfo":{"name":"m","version":"1"}})"),
                ""};
        }
        case 1:
            return {R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id() + "}}",
                    withSession()};
        case 2: {
            const std::string ask = std::to_string(std::max(0, known.lastAsk - static_cast<int>(choices_.below(3))));
            const std::string answer = choices_.oneIn(4) ? R"("error":{"code":-1,"message":"no"}})"
                                                         : R"("result":{"action":"accept","content":{}}})";
            return {R"({"jsonrpc":"2.0","id":"ask-)" + ask + R"(",)" + answer, withSession()};
        }
        case 3:
        case 4: return modern();
        default: return legacy();
    }
}

MessageScript::Message MessageScript::legacy() {
    constexpr std::array<std::string_view, 8> methods{
        "ping",       "tools/list", "resources/subscribe", "resources/unsubscribe", "logging/setLevel",
        "tools/call", "tools/call", "tools/call"};
    const std::string method(choices_.of(methods));
    std::string params = R"({"uri":"test://one","level":"debug"})";
    if (method == "tools/call") params = call("");
    std::string body = rpcText(id(), method, params);
    if (choices_.oneIn(30)) body.resize(choices_.below(static_cast<std::uint32_t>(body.size())));
    return {std::move(body), withSession()};
}

std::string MessageScript::call(std::string_view more) {
    std::string meta(more);
    if (choices_.oneIn(3)) meta += std::string(meta.empty() ? "" : ",") + R"("progressToken":)" + id();
    std::string round;
    if (const std::string state = anyOf(known.states); !state.empty() && choices_.oneIn(3))
        round = R"("requestState":")" + state + R"(",)" + std::string(answers) + ",";
    return R"({"name":")" + std::string(choices_.of(tools)) + R"(",)" + round + R"("arguments":{},"_meta":{)" + meta +
           "}}";
}

MessageScript::Message MessageScript::modern() {
    constexpr std::array<std::string_view, 8> methods{"tools/call",           "tools/call", "tools/call",
                                                      "subscriptions/listen", "tasks/get",  "tasks/update",
                                                      "tasks/cancel",         "tools/list"};
    const std::string method(choices_.of(methods));
    const std::string capabilities =
        choices_.oneIn(3) ? "{}" : R"({"elicitation":{"form":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}})";
    const std::string meta = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientCapabilities":)" +
                             capabilities;
    std::string fields = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method + "\r\n";
    if (method == "tools/call") {
        const std::string params = call(meta);
        const std::size_t name = params.find(":\"") + 2;
        fields += "Mcp-Name: " + params.substr(name, params.find('"', name) - name) + "\r\n";
        return {rpcText(id(), method, params), fields};
    }
    const std::string task = anyOf(known.tasks);
    std::string params = R"({"_meta":{)" + meta + "}";
    if (method == "subscriptions/listen") params += R"(,"notifications":)" + listening();
    else params += R"(,"taskId":")" + task + R"(",)" + std::string(answers);
    if (method.compare(0, 6, "tasks/") == 0) fields += "Mcp-Name: " + task + "\r\n";
    return {rpcText(id(), method, params + "}"), fields};
}

std::string MessageScript::listening() {
    const std::string task = anyOf(known.tasks);
    return R"({"toolsListChanged":true,"resourceSubscriptions":["test://one"],"taskIds":[")" + task + R"("]})";
}

} // namespace gatehouse::test
