// The fixtures of the official conformance suite, each a tool, prompt or resource with its handler. Also the place to
// see how each feature is written.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/backend.hpp>
#include <gatehouse/host.hpp>

namespace everything {

using namespace gatehouse;

// A call as a fixture sees it.
struct Call {
    const CallRequest& request;
    const Json& arguments;
    CallContext& context;
    const Host& host;

    std::string text(const char* name, const char* otherwise = "") const { return arguments.value(name, otherwise); }
};

using Handler = std::function<CallOutcome(const Call&)>;

struct ToolFixture {
    Tool tool;
    Handler handler;
};

struct PromptFixture {
    Prompt prompt;
    Handler handler;
};

// A tool without arguments, or with those of `properties`, all required that are named.
ToolFixture toolFixture(std::string name, std::string description, Handler handler, Json properties = Json::object(),
                        std::vector<std::string> required = {});
Json stringProperty(const char* description);

std::vector<ToolFixture> contentTools();
std::vector<ToolFixture> askingTools();   // both eras, by replay
std::vector<ToolFixture> protocolTools(); // progress, logging, schemas, headers, list changes, reconnection
std::vector<ToolFixture> taskTools();
std::vector<PromptFixture> prompts();

// 1x1 pixel, and a tenth of a second of silence; base64.
std::string_view redDot();
std::string_view silence();

} // namespace everything
