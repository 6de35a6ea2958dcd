// Backend, ClientFactory, Client: what does the work, in the name of one identity.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gatehouse/client_input.hpp>
#include <gatehouse/identity.hpp>
#include <gatehouse/prompt.hpp>
#include <gatehouse/resource.hpp>
#include <gatehouse/tool.hpp>

namespace gatehouse {

// One call. Every view lives until Client::call returns.
struct CallRequest {
    std::string_view method; // "tools/call", "prompts/get", "resources/read" or "completion/complete"
    std::string_view name{}; // of the tool or prompt; the URI of a resource; the uriTemplate of a template
    // The arguments; the variables of a template; for completion/complete its members `argument` and `context`.
    std::string_view argumentsJson{};
    std::string_view metaJson{}; // the request's _meta (traceparent and the like), or empty
    std::string_view uri = {};   // resources/read: what is read
};

// RFC 5424, as MCP "server/utilities/logging" names them.
enum class MessageLevel { debug, info, notice, warning, error, critical, alert, emergency };

// What a running call can say to its caller. Lives for the call; any thread.
class CallContext {
public:
    virtual ~CallContext() = default;
    // The answer is not wanted any more: cancelled, past its deadline, or the client has gone.
    virtual bool cancelled() const = 0;
    // `progress` must grow from call to call. Dropped when the client did not ask for progress.
    virtual void progress(double progress, std::optional<double> total = {}, std::string_view message = {}) = 0;
    // A log message for the client; dropped when it wants none of that level. No secrets.
    virtual void message(MessageLevel /*level*/, const Json& /*data*/, std::string_view /*logger*/ = {}) {}
    // Lets the client's connection go while the call goes on; it fetches the answer when `retry` is over, where the
    // protocol knows that (2025-11-25, in a session). Elsewhere nothing happens.
    virtual void releaseStream(std::chrono::milliseconds /*retry*/) {}
    // From here on the call is a task: its client has got the task's id, and asks for the result later. Nothing happens
    // where the tool has no tasks or the client does not know them. Ask the client what there is to ask before.
    virtual void becomeTask() {}

    // True when the client declared the capability: "elicitation", "elicitation.url", "sampling", "sampling.tools",
    // "roots". An ask for one it did not declare ends the call with an error of the protocol.
    bool clientCan(std::string_view capability) const {
        const Json declared = Json::parse(clientCapabilitiesJson(), nullptr, false);
        const Json* at = &declared;
        while (at->is_object() && !capability.empty()) {
            const std::size_t dot = capability.find('.');
            const auto member = at->find(std::string(capability.substr(0, dot)));
            if (member == at->end()) return false;
            at = &*member;
            capability = dot == std::string_view::npos ? std::string_view() : capability.substr(dot + 1);
        }
        return at->is_object();
    }

    // The client's answer to each request, under its key. See client_input.hpp: the first time, this throws.
    Json ask(std::vector<InputRequest> requests) {
        const Json known = Json::parse(answersJson(), nullptr, false);
        Json answers = Json::object();
        InputRequired missing;
        for (InputRequest& request : requests) {
            if (known.is_object() && known.contains(request.key)) answers[request.key] = known[request.key];
            else missing.requests.push_back(std::move(request));
        }
        if (!missing.requests.empty()) throw missing;
        return answers;
    }
    Json ask(InputRequest request) {
        const std::string key = request.key;
        return ask(std::vector<InputRequest>{std::move(request)})[key];
    }
    UserAnswer askUser(std::string key, std::string_view message, Json schema) {
        return UserAnswer::of(ask(elicitation(std::move(key), message, std::move(schema))));
    }
    // The text that the client's model answered; empty when it answered something else.
    std::string sample(std::string key, std::string_view prompt, int maxTokens) {
        const Json answer = ask(sampling(std::move(key), prompt, maxTokens));
        const auto content = answer.find("content");
        return content != answer.end() && content->is_object() ? content->value("text", "") : std::string();
    }

    // What ask() and clientCan() read, as JSON text.
    virtual std::string_view answersJson() const { return "{}"; }            // key -> result
    virtual std::string_view clientCapabilitiesJson() const { return "{}"; } // MCP ClientCapabilities
};

// A JSON-RPC error: the call itself was wrong. A tool that failed answers Result::failure instead.
struct CallError {
    int code = -32603; // JSON-RPC 2.0 section 5.1
    std::string message{};
    std::string dataJson{}; // a JSON value as text, or empty

    // The code becomes that of the client's protocol version (-32002 or -32602).
    static CallError resourceNotFound(std::string_view uri) {
        return {-32002, "Resource not found", Json{{"uri", uri}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
    }
};

using CallOutcome = std::variant<Result, CallError, InputRequired>;

// Made from the caller's identity for one call, destroyed after it, whatever happens.
class Client {
public:
    // Closes what the client holds: runs exactly once, after call() and interrupt() have returned. Must not throw.
    virtual ~Client() = default;
    // May block unless the tool is declared inline. A CallError may be returned or thrown; any other exception becomes
    // -32603 without its text.
    virtual CallOutcome call(const CallRequest& request, CallContext& context) = 0;
    // The answer is not wanted any more: make call() return soon. [any thread, idempotent, may race with call]
    virtual void interrupt() noexcept {}
};

// A credential for the backend that the validator got for this identity; empty when it exchanges none. Never the
// caller's own token.
struct Credentials {
    std::string_view bearer;
};

class ClientFactory {
public:
    virtual ~ClientFactory() = default;
    // Called from many threads at once; may block unless every tool is inline. Throw when no client can be made: a
    // CallError is the client's answer ("you may not", "busy"); any other exception becomes -32603 without its text.
    virtual std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) = 0;
};

class Backend : public ClientFactory {
public:
    // Called after construction, where an exception keeps the server from starting, and again after Host::notify, where
    // it leaves the lists as they were. [any thread]
    virtual std::vector<Tool> tools() const { return {}; }
    virtual std::vector<Resource> resources() const { return {}; }
    virtual std::vector<ResourceTemplate> resourceTemplates() const { return {}; }
    virtual std::vector<Prompt> prompts() const { return {}; }
    // Why calls would fail now, in words for the operator; empty: nothing stands against it. Says what is known
    // already and never blocks: /ready asks on the event loop. [any thread]
    virtual std::string notReady() const { return {}; }
    // The last token of this isolation key has expired or was revoked: drop what is kept for it. [any thread]
    virtual void identityGone(std::string_view /*isolationKey*/) {}
};

} // namespace gatehouse
