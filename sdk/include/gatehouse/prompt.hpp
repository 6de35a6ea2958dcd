// Prompt, PromptResult and Completion: message templates that a backend offers (MCP "server/prompts",
// "server/utilities/completion").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/json.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse {

struct PromptArgument {
    std::string name;
    std::string description{};
    bool required = false;
    std::string title = {};
};

struct Prompt {
    std::string name;
    std::string title{};
    std::string description{};
    std::vector<PromptArgument> arguments{}; // all strings; a missing required one is refused before the call
    Json more{};                             // null: none; further members of the MCP Prompt object, such as icons
    bool runsInline = false;                 // see Tool::runsInline
    bool completes = false;                  // answers completion/complete for its arguments

    // The MCP Prompt object.
    Json definition() const {
        Json out = more.is_object() ? more : Json::object();
        out["name"] = name;
        if (!title.empty()) out["title"] = title;
        if (!description.empty()) out["description"] = description;
        if (!arguments.empty()) out["arguments"] = argumentList();
        return out;
    }

private:
    Json argumentList() const {
        Json list = Json::array();
        for (const PromptArgument& argument : arguments) {
            Json one = {{"name", argument.name}, {"required", argument.required}};
            if (!argument.title.empty()) one["title"] = argument.title;
            if (!argument.description.empty()) one["description"] = argument.description;
            list.push_back(std::move(one));
        }
        return list;
    }
};

// What prompts/get answers: messages of "user" or "assistant", each with one content block.
class PromptResult {
public:
    static PromptResult user(std::string_view text) { return PromptResult().add("user", textBlock(text)); }
    PromptResult&& addUser(std::string_view text) && { return std::move(*this).add("user", textBlock(text)); }
    PromptResult&& addAssistant(std::string_view text) && { return std::move(*this).add("assistant", textBlock(text)); }
    // `content`: one MCP content block.
    PromptResult&& add(std::string_view role, const Json& content) && {
        messages_.push_back({{"role", role}, {"content", content}});
        return std::move(*this);
    }
    PromptResult&& describe(std::string text) && {
        description_ = std::move(text);
        return std::move(*this);
    }
    operator Result() const {
        Json out = {{"messages", messages_}};
        if (!description_.empty()) out["description"] = description_;
        return Result::raw(out.dump(-1, ' ', false, Json::error_handler_t::replace));
    }

private:
    static Json textBlock(std::string_view text) { return {{"type", "text"}, {"text", text}}; }
    Json messages_ = Json::array();
    std::string description_;
};

// What completion/complete answers.
struct Completion {
    static constexpr std::size_t mostValues = 100; // of the specification; what is more is left out and told in hasMore

    std::vector<std::string> values;

    operator Result() const {
        Json some = Json::array();
        for (std::size_t i = 0; i < values.size() && i < mostValues; ++i) some.push_back(values[i]);
        const Json out = {
            {"completion", {{"values", some}, {"total", values.size()}, {"hasMore", values.size() > mostValues}}}};
        return Result::raw(out.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
};

} // namespace gatehouse
