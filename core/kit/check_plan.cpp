#include "kit/check_plan.hpp"

#include <algorithm>

#include <gatehouse/settings.hpp>

#include "base/joined.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::string_view mark = "${kit.";

TokenKind kindFrom(const std::string& name) {
    if (name == "jwt") return TokenKind::jwt;
    if (name == "opaque") return TokenKind::opaque;
    if (name == "key") return TokenKind::key;
    if (name == "stored") return TokenKind::stored;
    if (name == "listed") return TokenKind::listed;
    throw SettingsError("tokens: expected jwt, opaque, key, stored or listed, got \"" + name + "\"");
}

void mustBeKnown(const std::vector<std::string>& known, const std::string& setting, const std::string& name) {
    if (std::find(known.begin(), known.end(), name) == known.end())
        throw SettingsError(setting + ": expected some of " + joined(known) + ", got \"" + name + "\"");
}

std::set<std::string> classesFrom(const Settings& document, TokenKind kind) {
    const auto known = classesOf(kind);
    const auto listed = document.strings("classes");
    std::set<std::string> out(listed.begin(), listed.end());
    for (const std::string& name : out) mustBeKnown(known, "classes", name);
    if (!document.has("classes")) out.insert(known.begin(), known.end());
    for (const std::string& name : document.strings("without")) {
        mustBeKnown(known, "without", name);
        out.erase(name);
    }
    return out;
}

std::vector<std::string> algorithmsFrom(const Settings& document) {
    static const std::vector<std::string> known{"RS256", "RS384", "RS512",  "PS256", "PS384", "PS512", "ES256",
                                                "ES384", "ES512", "ES256K", "EdDSA", "HS256", "HS384", "HS512"};
    auto named = document.strings("algorithms");
    for (const std::string& name : named) mustBeKnown(known, "algorithms", name);
    return named.empty() ? std::vector<std::string>{"RS256"} : named;
}

// Throws SettingsError when it is there and no map.
Json mapOf(const Settings& document, const Json& json, const char* key) {
    static_cast<void>(document.map(key));
    return document.has(key) ? json.at(key) : Json::object();
}

std::string filledText(const std::string& text, const KitValues& values) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t found = text.find(mark); found != std::string::npos; found = text.find(mark, at)) {
        const std::size_t end = text.find('}', found);
        if (end == std::string::npos) throw SettingsError(text.substr(found) + ": it is not closed by }");
        const auto value = values.find(text.substr(found + mark.size(), end - found - mark.size()));
        if (value == values.end())
            throw SettingsError(text.substr(found, end + 1 - found) + ": the kit has no such value");
        out.append(text, at, found - at).append(value->second);
        at = end + 1;
    }
    out.append(text, at);
    return out;
}

} // namespace

std::vector<std::string> classesOf(TokenKind kind) {
    std::vector<std::string> classes;
    if (kind == TokenKind::jwt)
        classes = {"good",     "signature", "algorithm", "header", "type",    "time",
                   "audience", "issuer",    "subject",   "form",   "provider"};
    if (kind == TokenKind::opaque) classes = {"introspection", "provider"};
    if (kind == TokenKind::key) classes = {"key", "comparison"};
    if (kind == TokenKind::stored) classes = {"stored"};
    classes.emplace_back("listed");
    for (const char* other :
         {"strange", "identity", "secrecy", "caching", "concurrency", "leaks", "inline", "exchange"})
        classes.emplace_back(other);
    return classes;
}

CheckPlan checkPlanFrom(const Json& json) {
    const Settings document(json);
    document.allowOnly({"tokens", "good", "bad", "algorithms", "leeway_seconds", "patience_seconds", "classes",
                        "without", "headers", "settings", "validators"});
    CheckPlan plan;
    plan.kind = kindFrom(document.string("tokens", "jwt"));
    plan.good = document.strings("good");
    plan.bad = document.strings("bad");
    if (plan.kind == TokenKind::listed && plan.good.empty())
        throw SettingsError("good: missing; expected at least one token that must be accepted");
    plan.algorithms = algorithmsFrom(document);
    plan.leewaySeconds = document.integer("leeway_seconds", plan.leewaySeconds, 0, 300);
    plan.patience = std::chrono::seconds(document.integer("patience_seconds", plan.patience.count(), 0, 60));
    plan.classes = classesFrom(document, plan.kind);
    plan.settings = mapOf(document, json, "settings");
    const Json headers = mapOf(document, json, "headers"), others = mapOf(document, json, "validators");
    for (const auto& [name, value] : headers.items()) plan.headers[name] = document.map("headers").string(name);
    for (const auto& [name, own] : others.items()) plan.validators[name] = own;
    return plan;
}

Json filledIn(const Json& settings, const KitValues& values) {
    if (settings.is_string()) return filledText(settings.get<std::string>(), values);
    if (!settings.is_structured()) return settings;
    Json out = settings;
    for (Json& item : out) item = filledIn(item, values);
    return out;
}

} // namespace gatehouse::kit
