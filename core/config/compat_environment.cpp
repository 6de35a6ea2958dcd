#include "config/compat_environment.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

namespace {

class DocumentEnvironment {
public:
    DocumentEnvironment(const CompatSources& sources, Config& config, std::vector<std::string>& errors)
        : sources_(sources), config_(config), errors_(errors) {}

    void apply() {
        if (!sources_.flagChose && !byFactory() && !byAuthType() && !sources_.fileChose) guess();
        fillChosen();
        const auto scopes = listOf("MCP_REQUIRED_SCOPES");
        if (!scopes.empty()) {
            config_.auth.policy["required_scopes"] = scopes;
            config_.places.set("auth.policy.required_scopes", "MCP_REQUIRED_SCOPES");
        }
        if (has("OAUTH_RESOURCE_URL") && config_.http.publicUrl.empty()) {
            config_.http.publicUrl = baseOf(text("OAUTH_RESOURCE_URL"));
            config_.places.set("http.public_url", "OAUTH_RESOURCE_URL");
        }
    }

private:
    std::string text(const char* name) const {
        const char* value = sources_.environment(name);
        return value ? value : "";
    }
    bool has(const char* name) const { return !text(name).empty(); }

    // Texts with commas or blanks between them.
    std::vector<std::string> listOf(const char* name) const {
        std::vector<std::string> out;
        std::string word;
        for (const char c : text(name) + ",") {
            if (c != ',' && c != ' ') word += c;
            else if (!word.empty()) out.push_back(std::exchange(word, {}));
        }
        return out;
    }
    static std::string baseOf(std::string url) {
        for (const std::string_view tail : {"/", "/mcp"})
            if (url.size() > tail.size() && url.compare(url.size() - tail.size(), tail.size(), tail) == 0)
                url.resize(url.size() - tail.size());
        return url;
    }

    void choose(std::string name, const char* variable) {
        config_.auth.validator = {std::move(name)};
        config_.auth.chosenBy = variable;
        config_.places.set("auth.validator", variable);
    }

    // By a name that goes before the file, also where that turns authentication off.
    void chooseFor(std::string name, const char* variable) {
        choose(std::move(name), variable);
        config_.auth.enabled = true;
    }

    bool byFactory() {
        const std::string factory = text("TOKEN_VALIDATOR_FACTORY");
        if (factory.empty()) return false;
        const bool isPython = factory.find(':') != std::string::npos && factory.find('/') == std::string::npos;
        if (isPython)
            errors_.push_back(
                "TOKEN_VALIDATOR_FACTORY: got \"" + factory +
                "\", which names a Python function. A validator here is a library: name one that comes with it (oidc, "
                "jwt, "
                "introspection, ...) or the full path of your own; `gatehouse plugin new NAME` begins one");
        else chooseFor(factory, "TOKEN_VALIDATOR_FACTORY");
        if (text("MCP_AUTH_TYPE") == "none")
            errors_.push_back(contradiction("MCP_AUTH_TYPE=none", "TOKEN_VALIDATOR_FACTORY"));
        return true;
    }
    bool byAuthType() {
        const std::string type = text("MCP_AUTH_TYPE");
        if (type.empty()) return false;
        if (type == "jwt") chooseFor("jwt", "MCP_AUTH_TYPE");
        else if (type == "env") chooseFor("api_key", "MCP_AUTH_TYPE");
        else if (type == "none") turnOff();
        else errors_.push_back("MCP_AUTH_TYPE: expected jwt, env or none, got \"" + type + "\"");
        if (type == "jwt" && !has("JWT_SECRET_KEY") && config_.auth.validators.count("jwt") == 0)
            errors_.push_back("MCP_AUTH_TYPE=jwt: JWT_SECRET_KEY is not set, or empty");
        if (type == "env" && !has("MCP_BEARER_TOKEN"))
            errors_.push_back("MCP_AUTH_TYPE=env: MCP_BEARER_TOKEN is not set, or empty");
        return true;
    }
    void turnOff() {
        if (sources_.fileChose && config_.auth.enabled)
            errors_.push_back(contradiction("MCP_AUTH_TYPE=none", config_.auth.chosenBy));
        config_.auth.enabled = false;
    }
    void guess() {
        std::vector<std::pair<const char*, const char*>> found;
        for (const auto& [variable, validator] :
             {std::pair("JWT_SECRET_KEY", "jwt"), std::pair("OIDC_ISSUER_URL", "oidc"),
              std::pair("DCC_MCP_API_KEY", "api_key"), std::pair("MCP_BEARER_TOKEN", "api_key")})
            if (has(variable)) found.emplace_back(variable, validator);
        if (found.empty()) return;
        if (found.size() > 1)
            return errors_.push_back(std::string(found[0].first) + " and " + found[1].first +
                                     " are both set: say which validator is meant by auth.validator or MCP_AUTH_TYPE");
        choose(found.front().second, found.front().first);
    }

    // The settings of a validator that is in force, unless they are of another plugin.
    Json* settingsOf(const std::string& name) {
        const auto& chosen = config_.auth.validator;
        if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) return nullptr;
        Json& settings = config_.auth.validators[name];
        if (settings.is_null()) settings = Json::object();
        return settings.is_object() ? &settings : nullptr;
    }
    void set(Json& settings, const std::string& validator, const char* key, const Json& value, const char* variable) {
        settings[key] = value;
        config_.places.set("auth.validators." + validator + "." + key, variable);
    }
    void fillChosen() {
        if (Json* jwt = settingsOf("jwt"); jwt && has("JWT_SECRET_KEY")) {
            set(*jwt, "jwt", "secret", text("JWT_SECRET_KEY"), "JWT_SECRET_KEY");
            if (!jwt->contains("audience")) (*jwt)["audience"] = {"{resource}", "mcp-server"};
        }
        if (Json* key = settingsOf("api_key"); key && !key->contains("key") && has("MCP_BEARER_TOKEN"))
            set(*key, "api_key", "key", text("MCP_BEARER_TOKEN"), "MCP_BEARER_TOKEN");
        if (Json* oidc = settingsOf("oidc")) fillOidc(*oidc);
    }
    void fillOidc(Json& oidc) {
        if (has("OIDC_ISSUER_URL")) set(oidc, "oidc", "issuer", text("OIDC_ISSUER_URL"), "OIDC_ISSUER_URL");
        if (has("OIDC_AUDIENCE")) set(oidc, "oidc", "audience", listOf("OIDC_AUDIENCE"), "OIDC_AUDIENCE");
        if (has("OIDC_ALGORITHMS")) set(oidc, "oidc", "algorithms", listOf("OIDC_ALGORITHMS"), "OIDC_ALGORITHMS");
        if (has("OIDC_LEEWAY")) fillLeeway(oidc);
        if (has("OIDC_ISSUER_URL") && !oidc.contains("audience"))
            errors_.push_back(
                "OIDC_ISSUER_URL: OIDC_AUDIENCE is needed as well, or a token made for any other service would be "
                "taken here");
    }
    void fillLeeway(Json& oidc) {
        const std::string digits = text("OIDC_LEEWAY");
        const bool isNumber = digits.size() <= 4 &&
                              std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (isNumber) set(oidc, "oidc", "leeway_seconds", std::stoi(digits), "OIDC_LEEWAY");
        else errors_.push_back("OIDC_LEEWAY: expected seconds, got \"" + digits + "\"");
    }

    const CompatSources& sources_;
    Config& config_;
    std::vector<std::string>& errors_;
};

} // namespace

std::string contradiction(const std::string& variable, const std::string& namedBy) {
    return variable + ": contradicts " + namedBy + ", which names a validator. Remove " +
           variable.substr(0, variable.find('=')) + " to keep the validator, or start with --no-auth";
}

void applyCompatEnvironment(const CompatSources& sources, Config& config, std::vector<std::string>& errors) {
    DocumentEnvironment(sources, config, errors).apply();
}

} // namespace gatehouse
