#include "server/start_report.hpp"

#include <algorithm>
#include <filesystem>

#include <gatehouse/settings.hpp>

#include "base/joined.hpp"
#include "server/validator_registry.hpp"

namespace gatehouse {

namespace {

Json settingsOf(const AuthSettings& settings, const std::string& name) {
    const auto found = settings.validators.find(name);
    return found != settings.validators.end() && found->second.is_object() ? found->second : Json::object();
}

// Strings of a member that may be one string or a list of them.
std::vector<std::string> stringsOf(const Json& settings, const char* key) {
    std::vector<std::string> out;
    if (!settings.contains(key)) return out;
    const Json& value = settings.at(key);
    for (const Json& item : value.is_array() ? value : Json::array({value}))
        if (item.is_string()) out.push_back(item.get<std::string>());
    return out;
}

std::string listed(const std::vector<std::string>& words) { return joined(words, ", "); }

bool judgesClaims(const std::string& plugin) {
    return plugin == "jwt" || plugin == "oidc" || plugin == "introspection";
}

class Line {
public:
    Line(const AuthSettings& settings, const std::string& resourceUrl, const std::string& tokenFile)
        : settings_(settings), resourceUrl_(resourceUrl), tokenFile_(tokenFile) {}

    std::string of(const std::string& name) const {
        const std::string plugin = ValidatorRegistry::pluginOf(settings_, name);
        const std::string shown = std::filesystem::path(plugin).is_absolute() ? plugin : name;
        if (plugin == "static_file") return shown + " (" + tokenFile_ + ")";
        const Json own = settingsOf(settings_, name);
        if (plugin == "token_exchange" && own.contains("validator") && own.at("validator").is_string())
            return shown + " of " + of(own.at("validator").get<std::string>());
        const auto issuers = stringsOf(own, "issuer");
        auto audiences = stringsOf(own, "audience");
        if (!judgesClaims(plugin) && issuers.empty() && audiences.empty()) return shown;
        for (std::string& audience : audiences)
            if (audience == "{resource}") audience = resourceUrl_;
        if (audiences.empty()) audiences = {resourceUrl_};
        return shown + " (issuer: " + (issuers.empty() ? "any" : listed(issuers)) + "; audience: " + listed(audiences) +
               ")";
    }

private:
    const AuthSettings& settings_;
    const std::string& resourceUrl_;
    const std::string& tokenFile_;
};

std::string idle(const std::string& where, const std::vector<std::string>& scopes) {
    return where + ": every token that has any scope has " + listed(scopes) +
           ", so this refuses only tokens without a scope";
}

// What the backend has of one kind, and where a rule names it.
struct Named {
    const char* kind;
    std::vector<std::string> PolicyRule::*patterns;
    std::vector<std::string> names;
};

template <class Feature>
std::vector<std::string> namesOf(const std::vector<Feature>& features, std::string Feature::*name) {
    std::vector<std::string> out;
    for (const Feature& feature : features) out.push_back(feature.*name);
    return out;
}

bool fitsOne(const std::string& pattern, const std::vector<std::string>& names) {
    return pattern == "*" ||
           std::any_of(names.begin(), names.end(), [&](const std::string& name) { return fitsPattern(pattern, name); });
}

} // namespace

std::string validatorInForce(const AuthSettings& settings, const std::string& resourceUrl,
                             const std::string& tokenFile) {
    const Line line(settings, resourceUrl, tokenFile);
    std::vector<std::string> members;
    for (const std::string& name : settings.validator) members.push_back(line.of(name));
    return "Validator: " + joined(members, ", then ") + ", chosen by " + settings.chosenBy;
}

std::vector<std::string> idleRules(const Policy& policy, const AuthSettings& settings) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& where, const std::vector<std::string>& scopes) {
        if (!scopes.empty() && policy.isHeldByAll(scopes)) out.push_back(idle(where, scopes));
    };
    add("auth.policy.required_scopes", policy.requiredScopes());
    for (std::size_t i = 0; i < policy.rules().size(); ++i)
        add("auth.policy.rules[" + std::to_string(i) + "]", policy.rules()[i].scopes);
    for (const std::string& name : settings.validator)
        add("auth.validators." + name + ".required_scopes", stringsOf(settingsOf(settings, name), "required_scopes"));
    return out;
}

std::vector<std::string> requiredScopesOf(const AuthSettings& settings, const Policy& policy) {
    std::vector<std::string> out = policy.requiredScopes();
    for (const std::string& name : settings.validator)
        for (std::string& scope : stringsOf(settingsOf(settings, name), "required_scopes"))
            if (std::find(out.begin(), out.end(), scope) == out.end()) out.push_back(std::move(scope));
    return out;
}

std::vector<std::string> unfittingRules(const Policy& policy, const Backend& backend) {
    std::vector<Named> named{{"tool", &PolicyRule::tools, namesOf(backend.tools(), &Tool::name)},
                             {"prompt", &PolicyRule::prompts, namesOf(backend.prompts(), &Prompt::name)}};
    if (backend.resourceTemplates().empty())
        named.push_back({"resource", &PolicyRule::resources, namesOf(backend.resources(), &Resource::uri)});
    std::vector<std::string> out;
    for (std::size_t i = 0; i < policy.rules().size(); ++i)
        for (const Named& each : named)
            for (const std::string& pattern : policy.rules()[i].*each.patterns)
                if (!fitsOne(pattern, each.names))
                    out.push_back("auth.policy.rules[" + std::to_string(i) + "]: the backend has no " + each.kind +
                                  " that fits \"" + pattern + "\", so this rule refuses nobody there");
    return out;
}

} // namespace gatehouse
