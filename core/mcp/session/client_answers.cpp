#include "mcp/session/client_answers.hpp"

namespace gatehouse::mcp {

namespace {

constexpr const char* elicitationMethod = "elicitation/create";
constexpr const char* samplingMethod = "sampling/createMessage";
constexpr const char* rootsMethod = "roots/list";

bool isUrlMode(const InputRequest& request) {
    return request.params.contains("mode") && request.params["mode"] == "url";
}

// What a client must declare for one request (elicitation {} means forms).
Json capabilityFor(const InputRequest& request) {
    if (request.method == samplingMethod) {
        const bool tools = request.params.contains("tools") || request.params.contains("toolChoice");
        return {{"sampling", tools ? Json{{"tools", Json::object()}} : Json::object()}};
    }
    if (request.method == elicitationMethod)
        return {{"elicitation", isUrlMode(request) ? Json{{"url", Json::object()}} : Json::object()}};
    return {{"roots", Json::object()}};
}

// True when each member of `wanted`, at every depth, is in `declared`.
bool covers(const Json& declared, const Json& wanted) {
    for (const auto& [name, value] : wanted.items()) {
        const auto found = declared.is_object() ? declared.find(name) : declared.end();
        if (found == declared.end() || !covers(*found, value)) return false;
    }
    return true;
}

bool isAction(const Json& result) {
    const auto action = result.find("action");
    return action != result.end() && (*action == "accept" || *action == "decline" || *action == "cancel");
}

// A member of an object; null when there is none, or the backend's schema is no object.
Json memberOf(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? Json() : *found;
}

bool typeFits(const Json& schema, const Json& value) {
    const Json type = memberOf(schema, "type");
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "array") return value.is_array();
    return true;
}

// The content of an accepted form against the flat schema it was asked with.
bool formFits(const Json& schema, const Json& content) {
    if (!content.is_object()) return false;
    for (const Json& name : memberOf(schema, "required"))
        if (name.is_string() && !content.contains(name.get<std::string>())) return false;
    const Json properties = memberOf(schema, "properties");
    for (const auto& [name, value] : content.items())
        if (properties.contains(name) && !typeFits(properties[name], value)) return false;
    return true;
}

bool fits(const Json& asked, const Json& result) {
    if (!result.is_object()) return false;
    const std::string method = asked.value("method", "");
    if (method == samplingMethod) return result.contains("content");
    if (method == rootsMethod) return result.contains("roots") && result["roots"].is_array();
    if (!isAction(result)) return false;
    const bool needsContent = result["action"] == "accept" && asked.contains("schema");
    return !needsContent || formFits(asked["schema"], result.value("content", Json()));
}

} // namespace

std::optional<ClientAnswers> ClientAnswers::fromJson(std::string_view text) {
    ClientAnswers out;
    out.state_ = Json::parse(text, nullptr, false);
    const bool whole = out.state_.is_object() && out.state_.contains("answers") && out.state_.contains("asked") &&
                       out.state_["answers"].is_object() && out.state_["asked"].is_object();
    return whole ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<InputRequired> ClientAnswers::ask(const InputRequired& asked) {
    if (asked.requests.empty() || state_.value("rounds", maxRounds) >= maxRounds) return std::nullopt;
    state_["rounds"] = state_.value("rounds", 0) + 1;
    Json& now = state_["asked"] = Json::object();
    InputRequired left;
    for (const InputRequest& request : asked.requests) {
        now[request.key] = {{"method", request.method}};
        if (request.params.contains("requestedSchema")) now[request.key]["schema"] = request.params["requestedSchema"];
        const bool offered = offered_.contains(request.key) && accept(request.key, offered_[request.key]);
        if (!offered) left.requests.push_back(request);
    }
    return left;
}

bool ClientAnswers::accept(const std::string& key, const Json& result) {
    const Json& asked = state_["asked"];
    if (!asked.contains(key) || !fits(asked[key], result)) return false;
    state_["answers"][key] = result;
    return true;
}

void ClientAnswers::offer(const Json& inputResponses) {
    if (!inputResponses.is_object()) return;
    offered_ = inputResponses;
    for (const auto& [key, result] : inputResponses.items()) accept(key, result);
}

Json ClientAnswers::missingCapabilities(const InputRequired& asked, std::string_view declaredJson) {
    const Json declared = Json::parse(declaredJson, nullptr, false);
    Json missing;
    for (const InputRequest& request : asked.requests)
        if (const Json wanted = capabilityFor(request); !covers(declared, wanted)) missing.merge_patch(wanted);
    return missing;
}

} // namespace gatehouse::mcp
