// echo: one tool that answers the text it is given. For measuring, and the smallest backend to start from.
#include <gatehouse/json_members.hpp>
#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;

class EchoClient final : public Client {
public:
    CallOutcome call(const CallRequest& request, CallContext&) override {
        const auto text = jsonTextMember(request.argumentsJson, "text"); // no tree: this backend is for measuring
        return text ? Result::text(*text) : Result::failure("text: expected a string");
    }
};

class EchoBackend final : public Backend {
public:
    EchoBackend(const Settings&, const Host&) {}

    std::vector<Tool> tools() const override {
        Tool echo;
        echo.name = "echo";
        echo.description = "Answers the text it is given.";
        echo.inputSchema = {{"type", "object"},
                            {"properties", {{"text", {{"type", "string"}, {"description", "What to answer"}}}}},
                            {"required", {"text"}},
                            {"additionalProperties", false}};
        echo.annotations = {{"readOnlyHint", true}};
        echo.runsInline = true;
        return {echo};
    }

    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override {
        return std::make_unique<EchoClient>();
    }
};

} // namespace

GATEHOUSE_SETTINGS(R"({"properties": {}})")
GATEHOUSE_BACKEND(EchoBackend, "echo", "1.0.0")
