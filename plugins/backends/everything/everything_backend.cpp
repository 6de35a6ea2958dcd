// everything: a backend with one of each feature. It needs no settings; the official conformance suite runs against it.
#include <map>

#include <gatehouse/plugin.hpp>

#include "fixture.hpp"

namespace everything {

namespace {

struct Fixtures {
    std::vector<ToolFixture> tools;
    std::vector<PromptFixture> prompts;
    std::map<std::string, Handler, std::less<>> byName; // "tools/call NAME", "prompts/get NAME"
};

Fixtures allFixtures() {
    Fixtures out;
    for (auto make : {contentTools, protocolTools, askingTools, taskTools})
        for (ToolFixture& fixture : make()) out.tools.push_back(std::move(fixture));
    out.prompts = prompts();
    for (const ToolFixture& fixture : out.tools) out.byName["tools/call " + fixture.tool.name] = fixture.handler;
    for (const PromptFixture& fixture : out.prompts) out.byName["prompts/get " + fixture.prompt.name] = fixture.handler;
    return out;
}

Resource resource(std::string uri, std::string name, std::string description, std::string mimeType) {
    return {.uri = std::move(uri),
            .name = std::move(name),
            .description = std::move(description),
            .mimeType = std::move(mimeType),
            .runsInline = true};
}

CallOutcome read(const CallRequest& request) {
    const std::string uri(request.uri);
    if (request.name == "test://template/{id}/data") {
        const std::string id = Json::parse(request.argumentsJson).value("id", "");
        const Json data = {{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}};
        return ResourceResult::text(uri, "application/json", data.dump());
    }
    if (uri == "test://static-text")
        return ResourceResult::text(uri, "text/plain", "This is the content of the static text resource.");
    if (uri == "test://static-binary") return ResourceResult::blob(uri, "image/png", redDot());
    if (uri == "test://watched-resource") return ResourceResult::text(uri, "text/plain", "Watched resource content");
    return CallError::resourceNotFound(uri);
}

// Words of the alphabet that begin as the value does.
CallOutcome complete(const CallRequest& request) {
    const Json params = Json::parse(request.argumentsJson);
    const std::string begun = params["argument"].value("value", "");
    Completion completion;
    for (const char* word : {"test", "testing", "paris", "park", "party"})
        if (std::string_view(word).substr(0, begun.size()) == begun) completion.values.emplace_back(word);
    return completion;
}

class EverythingClient final : public Client {
public:
    EverythingClient(const Fixtures& fixtures, const Host& host) : fixtures_(fixtures), host_(host) {}

    CallOutcome call(const CallRequest& request, CallContext& context) override {
        if (request.method == "resources/read") return read(request);
        if (request.method == "completion/complete") return complete(request);
        const auto found = fixtures_.byName.find(std::string(request.method) + " " + std::string(request.name));
        if (found == fixtures_.byName.end()) return CallError{-32602, "Unknown: " + std::string(request.name), ""};
        const Json arguments = Json::parse(request.argumentsJson);
        return found->second({request, arguments, context, host_});
    }

private:
    const Fixtures& fixtures_;
    const Host& host_;
};

class EverythingBackend final : public Backend {
public:
    EverythingBackend(const Settings&, const Host& host) : host_(host) {}

    std::vector<Tool> tools() const override {
        std::vector<Tool> out;
        for (const ToolFixture& fixture : fixtures_.tools) out.push_back(fixture.tool);
        return out;
    }
    std::vector<Resource> resources() const override {
        return {resource("test://static-text", "Static text", "A text resource", "text/plain"),
                resource("test://static-binary", "Static binary", "A binary resource (image)", "image/png"),
                resource("test://watched-resource", "Watched resource", "A resource to subscribe to", "text/plain")};
    }
    std::vector<ResourceTemplate> resourceTemplates() const override {
        ResourceTemplate out;
        out.uriTemplate = "test://template/{id}/data";
        out.name = "Template";
        out.description = "A resource with a parameter";
        out.mimeType = "application/json";
        out.completes = true;
        return {out};
    }
    std::vector<Prompt> prompts() const override {
        std::vector<Prompt> out;
        for (const PromptFixture& fixture : fixtures_.prompts) out.push_back(fixture.prompt);
        return out;
    }
    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override {
        return std::make_unique<EverythingClient>(fixtures_, host_);
    }

private:
    const Host& host_;
    const Fixtures fixtures_ = allFixtures();
};

} // namespace

} // namespace everything

GATEHOUSE_SETTINGS(R"({"properties": {}})")
GATEHOUSE_BACKEND(everything::EverythingBackend, "everything", "1.0.0")
