// greeting: greets the caller by the name its token stands for. The smallest backend that uses the identity.
#include <gatehouse/plugin.hpp>

using namespace gatehouse;

class GreetingClient final : public Client {
public:
    explicit GreetingClient(std::string subject) : subject_(std::move(subject)) {}
    CallOutcome call(const CallRequest&, CallContext&) override { return ToolResult::text("Hello, " + subject_ + "!"); }

private:
    const std::string subject_;
};

class GreetingBackend final : public Backend {
public:
    GreetingBackend(const Settings& settings, const Host&) { settings.allowOnly({}); }
    std::vector<Tool> tools() const override {
        Tool greet;
        greet.name = "greet";
        greet.description = "Greets the caller.";
        return {greet};
    }
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials&) override {
        return std::make_unique<GreetingClient>(identity.subject);
    }
};

GATEHOUSE_BACKEND(GreetingBackend, "greeting", "1.0.0")
