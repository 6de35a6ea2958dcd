// A bench on which one check of the kit for backends is made, with a backend that a test scripts.
#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "kit/backend_checks.hpp"

namespace gatehouse::test {

// A backend of tools without arguments, whose calls a test scripts.
class ScriptedTools final : public Backend {
public:
    struct Script {
        std::vector<Tool> tools = {named("echo")};
        std::function<CallOutcome(const CallRequest&, const Identity&, std::string_view credential)> call =
            [](const CallRequest&, const Identity& who, std::string_view) { return Result::text(who.subject); };
        std::function<void()> interrupt = [] {};
        std::function<void()> closed = [] {};
    };
    static Tool named(const std::string& name) {
        Tool tool;
        tool.name = name;
        tool.description = name;
        return tool;
    }
    explicit ScriptedTools(const Script& script) : script_(script) {}
    std::vector<Tool> tools() const override { return script_.tools; }
    std::unique_ptr<Client> createClient(const Identity& who, const Credentials& with) override {
        return std::make_unique<ToolClient>(script_, who, std::string(with.bearer));
    }

private:
    struct ToolClient final : Client {
        ToolClient(const Script& script, const Identity& who, std::string credential)
            : script(script), who(who), credential(std::move(credential)) {}
        ~ToolClient() override { script.closed(); }
        CallOutcome call(const CallRequest& request, CallContext&) override {
            return script.call(request, who, credential);
        }
        void interrupt() noexcept override { script.interrupt(); }
        const Script& script;
        const Identity who;
        const std::string credential;
    };
    const Script& script_;
};

struct BackendKit {
    explicit BackendKit(ScriptedTools::Script given = {}, const Json& plan = Json::object())
        : script(std::move(given)), plan(kit::backendPlanFrom(plan)) {
        bench.calls = kit::callsOf(this->plan, *backend, features, report);
    }
    // What the report says in the end.
    std::string after(void (*check)(kit::BackendBench&)) {
        check(bench);
        report.close();
        return out.str();
    }

    ScriptedTools::Script script;
    kit::BackendPlan plan;
    kit::KitHost host{"https://kit.example/mcp"};
    kit::MakeBackend make = [this](HostDeps&, const Json&) { return std::make_unique<ScriptedTools>(script); };
    std::unique_ptr<Backend> backend = make(host.deps(), Json::object());
    mcp::FeatureRegistry features{mcp::FeatureLists::of(*backend)};
    std::ostringstream out;
    kit::CheckReport report{out, "calls"};
    kit::Progress progress;
    kit::BackendBench bench{plan, host, make, *backend, features, report, progress};
};

} // namespace gatehouse::test
