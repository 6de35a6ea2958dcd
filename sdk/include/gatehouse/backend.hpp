// Backend, ClientFactory, Client: what does the work, in the name of one identity.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gatehouse/identity.hpp>
#include <gatehouse/tool.hpp>

namespace gatehouse {

// One call. Every view lives until Client::call returns.
struct CallRequest {
    std::string_view method; // MCP method, e.g. "tools/call"
    std::string_view name;   // tool name
    std::string_view argumentsJson;
    std::string_view metaJson; // the request's _meta, or empty
};

// What a running call can say to its caller. Lives for the call; any thread.
class CallContext {
public:
    virtual ~CallContext() = default;
    // The answer is not wanted any more: cancelled, past its deadline, or the client has gone.
    virtual bool cancelled() const = 0;
    // `progress` must grow from call to call. Dropped when the client did not ask for progress.
    virtual void progress(double progress, std::optional<double> total = {}, std::string_view message = {}) = 0;
};

// A JSON-RPC error: the call itself was wrong. A tool that failed answers ToolResult::failure instead.
struct CallError {
    int code = -32603; // JSON-RPC 2.0 section 5.1
    std::string message;
    std::string dataJson; // a JSON value as text, or empty
};

using CallOutcome = std::variant<ToolResult, CallError>;

// Made from the caller's identity for one call, closed after it, whatever happens.
class Client {
public:
    virtual ~Client() = default;
    // May block unless the tool is declared inline. An exception becomes -32603 without its text.
    virtual CallOutcome call(const CallRequest& request, CallContext& context) = 0;
    // The answer is not wanted any more: make call() return soon. [any thread, idempotent, may race with call]
    virtual void interrupt() noexcept {}
    // Called exactly once, after call() has returned.
    virtual void close() noexcept {}
};

// A credential for the backend that the validator got for this identity; empty when it exchanges none. Never the
// caller's own token.
struct Credentials {
    std::string_view bearer;
};

class ClientFactory {
public:
    virtual ~ClientFactory() = default;
    // Called from many threads at once; may block unless every tool is inline. Throw when no client can be made.
    virtual std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) = 0;
};

class Backend : public ClientFactory {
public:
    // Asked once, after construction.
    virtual std::vector<Tool> tools() const = 0;
    // The last token of this isolation key has expired or was revoked: drop what is kept for it. [any thread]
    virtual void identityGone(std::string_view /*isolationKey*/) {}
};

} // namespace gatehouse
