// Call: one call of a ToolTable's handler: who calls, and what can be said to it meanwhile.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/backend.hpp>

namespace gatehouse {

// A tool that understood its call and failed: a result that the model can read. what() is its text.
class ToolError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Lives for the call. Every method but caller() as CallContext.
class Call {
public:
    Call(const Identity& caller, CallContext& context, std::string_view uri)
        : caller_(caller), context_(context), uri_(uri) {}

    const Identity& caller() const { return caller_; }
    std::string_view uri() const { return uri_; } // of the resource that is read; else empty
    bool cancelled() const { return context_.cancelled(); }
    void progress(double done, std::optional<double> total = {}, std::string_view message = {}) {
        context_.progress(done, total, message);
    }
    void log(MessageLevel level, const Json& data, std::string_view logger = {}) {
        context_.message(level, data, logger);
    }

    // Asks the client, and so the user or the model. The first time these throw InputRequired through the handler, and
    // the call is made again with the answer: ask first, act afterwards. See client_input.hpp.
    UserAnswer askUser(std::string key, std::string_view message, Json schema) {
        return context_.askUser(std::move(key), message, std::move(schema));
    }
    // True when the user accepts; a form without fields.
    bool confirm(std::string key, std::string_view message) {
        return askUser(std::move(key), message, {{"type", "object"}, {"properties", Json::object()}}).accepted();
    }
    std::string sample(std::string key, std::string_view prompt, int maxTokens) {
        return context_.sample(std::move(key), prompt, maxTokens);
    }
    bool clientCan(std::string_view capability) const { return context_.clientCan(capability); }

    CallContext& context() { return context_; } // for the rest

private:
    const Identity& caller_;
    CallContext& context_;
    const std::string_view uri_;
};

} // namespace gatehouse
