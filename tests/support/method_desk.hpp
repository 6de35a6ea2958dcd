// A method table, and requests to it as the protocol makes them of a message's text.
#pragma once

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>

#include "mcp/method_table.hpp"
#include "support/kept_response_writer.hpp"
#include "support/scripted_gate.hpp"

namespace gatehouse::test {

inline const std::string tasksCapability = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";

// One request. `params` is an object as text; a modern one gets its _meta unless it has one.
struct Asking {
    std::string method;
    std::string params = "{}";
    bool modern = true;
    std::string capabilities = "{}"; // of the modern client
    mcp::Session* session = nullptr;
    std::string who = "alice";
    std::string idText = "1";
    const http::RequestHead* head = nullptr;
    bool acceptsMessages = true;
    std::string meta = {};    // further members of _meta
    std::string channel = {}; // default: the session's id
    Grants grants = {};       // of the caller
    std::string token = {};   // the caller's, to be exchanged; empty: it is not kept
    bool isFallback = false;  // the caller showed no token
};

class MethodDesk {
public:
    // The writer that was, or will be, answered. On the loop's thread where the method needs it.
    std::shared_ptr<KeptResponseWriter> ask(const Asking& asking) {
        const auto* method = table.find(asking.method, asking.modern ? mcp::Era::modern : mcp::Era::legacy);
        if (!method) throw std::runtime_error("no such method: " + asking.method);
        auto writer = KeptResponseWriter::make(asking.acceptsMessages);
        const mcp::Message& message = read(asking);
        const auto caller = std::make_shared<Caller>(*callerNamed(asking.who));
        if (asking.isFallback) caller->origin = Caller::Origin::fallback;
        const auto grants = std::make_shared<const Grants>(asking.grants);
        const auto token = asking.token.empty() ? nullptr : std::make_shared<const SecretText>(asking.token);
        const auto request = std::make_shared<const RequestContext>(
            RequestContext{.caller = caller, .grants = grants, .peer = "192.0.2.1", .began = began, .token = token});
        mcp::MethodCall call{.writer = *writer,
                             .message = message,
                             .request = request,
                             .era = asking.modern ? mcp::Era::modern : mcp::Era::legacy,
                             .form = {asking.idText, ""},
                             .session = asking.session,
                             .head = asking.head,
                             .channel = asking.channel};
        if (asking.session && asking.channel.empty()) call.channel = asking.session->id;
        end = (*method)(call);
        outcome = std::string(end.outcome ? outcomeName(*end.outcome) : "") + (end.reason.empty() ? "" : " ") +
                  std::string(end.reason);
        return writer;
    }

    mcp::MethodTable table;
    CallEnd end;
    std::string outcome; // of the last method: "ok", "error invalid_params"; empty: it ends later
    SteadyTime began{};

private:
    const mcp::Message& read(const Asking& asking) {
        Json params = Json::parse(asking.params);
        std::string text = asking.params;
        if (asking.modern && !params.contains("_meta")) {
            const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                                     R"("io.modelcontextprotocol/clientCapabilities":)" +
                                     asking.capabilities + (asking.meta.empty() ? "" : "," + asking.meta) + "}";
            text = "{" + meta + (params.empty() ? "}" : "," + text.substr(text.find('{') + 1));
        }
        bodies_.push_back(R"({"jsonrpc":"2.0","id":)" + asking.idText + R"(,"method":")" + asking.method +
                          R"(","params":)" + text + "}");
        const std::size_t size = bodies_.back().size();
        bodies_.back().append(mcp::MessageReader::padding, '\0');
        auto got = reader_.read(std::string_view(bodies_.back()).substr(0, size));
        if (const auto* fault = std::get_if<mcp::MessageFault>(&got)) throw std::runtime_error(fault->text);
        message_ = std::get<mcp::Message>(std::move(got));
        return message_;
    }

    mcp::MessageReader reader_;
    std::deque<std::string> bodies_; // what messages are views of
    mcp::Message message_;
};

} // namespace gatehouse::test
