// A client factory whose clients do what the test says, and which counts what happens to them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <gatehouse/backend.hpp>

namespace gatehouse::test {

class ScriptedFactory final : public ClientFactory {
public:
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials&) override {
        if (make) return make(identity);
        ++created;
        return std::make_unique<ScriptedClient>(*this);
    }

    std::function<std::unique_ptr<Client>(const Identity&)> make;      // default: a scripted client
    std::function<CallOutcome(const CallRequest&, CallContext&)> call; // default: the text "done"
    std::function<void()> interrupt;
    std::atomic<int> created{0}, calls{0}, interrupted{0}, closed{0}, destroyed{0};
    std::atomic<int> afterClose{0}; // calls and interrupts of a client that was closed

private:
    class ScriptedClient final : public Client {
    public:
        explicit ScriptedClient(ScriptedFactory& factory) : factory_(factory) {}
        ~ScriptedClient() override { ++factory_.destroyed; }
        CallOutcome call(const CallRequest& request, CallContext& context) override {
            ++factory_.calls;
            if (closed_) ++factory_.afterClose;
            return factory_.call ? factory_.call(request, context) : ToolResult::text("done");
        }
        void interrupt() noexcept override {
            ++factory_.interrupted;
            if (closed_) ++factory_.afterClose;
            if (factory_.interrupt) factory_.interrupt();
        }
        void close() noexcept override {
            closed_ = true;
            ++factory_.closed;
        }

    private:
        ScriptedFactory& factory_;
        std::atomic<bool> closed_{false};
    };
};

inline Tool toolNamed(const std::string& name, bool runsInline = false) {
    Tool tool;
    tool.name = name;
    tool.description = "A test tool.";
    tool.inputSchema = {{"type", "object"}};
    tool.runsInline = runsInline;
    return tool;
}

} // namespace gatehouse::test
