// What a call may ask of its client: the user (elicitation), the model (sampling), the roots (MCP "client/*").
//
// One way of writing for both protocol eras. The first time, CallContext::ask() unwinds the handler by throwing
// InputRequired; when the client has answered, the call is made again from its start, and ask() returns the answer.
// Code before an ask therefore runs once for each round: ask first, act afterwards.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/json.hpp>

namespace gatehouse {

// One thing to ask. `key` names its answer within the call: the same in every round, and of no other ask.
struct InputRequest {
    std::string key;
    std::string method; // "elicitation/create", "sampling/createMessage" or "roots/list"
    Json params = Json::object();
};

// A form: `schema` is a flat JSON Schema object of strings, numbers, booleans and enums. Never ask for secrets in it.
inline InputRequest elicitation(std::string key, std::string_view message, Json schema) {
    return {std::move(key),
            "elicitation/create",
            {{"mode", "form"}, {"message", message}, {"requestedSchema", std::move(schema)}}};
}

// A text for the client's model. Further members of the MCP params (systemPrompt, tools, ...) go into `more`.
inline InputRequest sampling(std::string key, std::string_view prompt, int maxTokens, Json more = Json::object()) {
    Json params = std::move(more);
    params["messages"] = {{{"role", "user"}, {"content", {{"type", "text"}, {"text", prompt}}}}};
    params["maxTokens"] = maxTokens;
    return {std::move(key), "sampling/createMessage", std::move(params)};
}

inline InputRequest rootsList(std::string key) { return {std::move(key), "roots/list", Json::object()}; }

// What a user did with a form or a URL.
struct UserAnswer {
    enum class Action { accept, decline, cancel };
    Action action = Action::cancel;
    Json content; // of an accepted form, of the shape that was asked for

    bool accepted() const { return action == Action::accept; }
    static UserAnswer of(const Json& result) {
        const std::string action = result.value("action", "cancel");
        if (action == "accept") return {Action::accept, result.value("content", Json::object())};
        return {action == "decline" ? Action::decline : Action::cancel, Json()};
    }
};

// Thrown through a handler by CallContext::ask(). Deliberately not derived from std::exception, so that
// `catch (const std::exception&)` does not swallow it. A handler that catches it must rethrow it.
struct InputRequired {
    std::vector<InputRequest> requests;

    // {"KEY":{"method":...,"params":...},...}
    std::string json() const {
        Json out = Json::object();
        for (const InputRequest& request : requests)
            out[request.key] = {{"method", request.method}, {"params", request.params}};
        return out.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    static InputRequired fromJson(std::string_view text) {
        InputRequired out;
        const Json all = Json::parse(text, nullptr, false);
        if (!all.is_object()) return out;
        for (const auto& [key, request] : all.items())
            out.requests.push_back({key, request.value("method", ""), request.value("params", Json::object())});
        return out;
    }
};

} // namespace gatehouse
