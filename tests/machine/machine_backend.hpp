// MachineBackend: a backend whose calls do whatever comes out of the decisions: ask, speak, become a task, fail, and
// let the world go on around them, as it does around a call on a worker.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gatehouse/backend.hpp>

#include "machine/choices.hpp"
#include "machine/invariant.hpp"

namespace gatehouse::test {

class MachineBackend final : public Backend {
public:
    std::vector<Tool> tools() const override {
        std::vector<Tool> out(3);
        out[0].name = "inline";
        out[0].runsInline = true;
        out[1].name = "work";
        out[2].name = "task";
        out[2].tasks = Tool::Tasks::optional;
        out[2].taskFromStart = fromStart;
        return out;
    }
    std::vector<Resource> resources() const override {
        Resource resource;
        resource.uri = "test://one";
        resource.name = "one";
        return {resource};
    }
    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override {
        if (choices->oneIn(24)) throw std::runtime_error("on purpose");
        return std::make_unique<MachineClient>(*this);
    }

    Choices* choices = nullptr;
    std::function<void()> elsewhere; // what happens meanwhile, outside of the loop
    bool fromStart = false;
    int open = 0; // clients

private:
    class MachineClient final : public Client {
    public:
        explicit MachineClient(MachineBackend& backend) : backend_(backend) { ++backend_.open; }
        ~MachineClient() override { --backend_.open; }
        MachineClient(const MachineClient&) = delete;
        MachineClient& operator=(const MachineClient&) = delete;

        CallOutcome call(const CallRequest& request, CallContext& context) override {
            const bool onLoop = request.name == "inline";
            for (std::uint32_t i = backend_.choices->below(5); i > 0; --i) act(context, onLoop);
            return Result::text("done");
        }

    private:
        void act(CallContext& context, bool onLoop) {
            Choices& choices = *backend_.choices;
            switch (choices.below(9)) {
                case 0: context.askUser("a", "Well?", {{"type", "object"}}); return;
                case 1: context.sample("b", "Well?", 10); return;
                case 2: context.progress(++progress_); return;
                case 3: context.message(MessageLevel::error, "said"); return;
                case 4: context.releaseStream(std::chrono::milliseconds(100)); return;
                case 5: context.becomeTask(); return;
                case 6:
                    if (choices.oneIn(4)) throw std::runtime_error("on purpose");
                    return;
                default:
                    if (!onLoop) backend_.elsewhere();
            }
        }
        MachineBackend& backend_;
        double progress_ = 0;
    };
};

} // namespace gatehouse::test
