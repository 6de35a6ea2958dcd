// A backend that offers what the test says, whose clients do what it says, and which counts what happens to them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gatehouse/backend.hpp>

namespace gatehouse::test {

class ScriptedFactory final : public Backend {
public:
    std::vector<Tool> tools() const override { return offered.tools; }
    std::vector<Resource> resources() const override { return offered.resources; }
    std::vector<ResourceTemplate> resourceTemplates() const override { return offered.templates; }
    std::vector<Prompt> prompts() const override { return offered.prompts; }
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override {
        bearer = credentials.bearer;
        if (make) return make(identity);
        ++created;
        return std::make_unique<ScriptedClient>(*this);
    }

    struct {
        std::vector<Tool> tools;
        std::vector<Resource> resources;
        std::vector<ResourceTemplate> templates;
        std::vector<Prompt> prompts;
    } offered;
    std::function<std::unique_ptr<Client>(const Identity&)> make;      // default: a scripted client
    std::function<CallOutcome(const CallRequest&, CallContext&)> call; // default: the text "done"
    std::function<void()> interrupt;
    std::string bearer; // of the last client
    // True as soon as so many interrupts have come; they come on another thread.
    bool interruptedTimes(int times) const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (interrupted < times && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return interrupted == times;
    }
    std::atomic<int> created{0}, calls{0}, interrupted{0}, closed{0};
    std::atomic<int> closedInside{0}; // while an interrupt was inside of the client

private:
    class ScriptedClient final : public Client {
    public:
        explicit ScriptedClient(ScriptedFactory& factory) : factory_(factory) {}
        ~ScriptedClient() override {
            if (inside_ > 0) ++factory_.closedInside;
            ++factory_.closed;
        }
        CallOutcome call(const CallRequest& request, CallContext& context) override {
            ++factory_.calls;
            return factory_.call ? factory_.call(request, context) : Result::text("done");
        }
        void interrupt() noexcept override {
            ++factory_.interrupted;
            ++inside_;
            if (factory_.interrupt) factory_.interrupt();
            --inside_;
        }

    private:
        ScriptedFactory& factory_;
        std::atomic<int> inside_{0};
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

inline Resource resourceAt(const std::string& uri, bool runsInline = false) {
    Resource resource;
    resource.uri = uri;
    resource.name = "at " + uri;
    resource.runsInline = runsInline;
    return resource;
}

inline ResourceTemplate templateOf(const std::string& uriTemplate, bool completes = false) {
    ResourceTemplate out;
    out.uriTemplate = uriTemplate;
    out.name = "like " + uriTemplate;
    out.completes = completes;
    return out;
}

inline Prompt promptNamed(const std::string& name, bool completes = false) {
    Prompt prompt;
    prompt.name = name;
    prompt.completes = completes;
    return prompt;
}

} // namespace gatehouse::test
