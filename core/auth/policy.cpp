#include "auth/policy.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse {

namespace {

constexpr std::size_t maxGrants = 1000; // a token with more has the rest ignored

// What * stands for in `text`; nothing when it does not fit. One * at most counts.
std::optional<std::string> starOf(const std::string& pattern, const std::string& text) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) return pattern == text ? std::optional(std::string()) : std::nullopt;
    const std::size_t tail = pattern.size() - star - 1;
    const bool fits = text.size() >= star + tail && text.compare(0, star, pattern, 0, star) == 0 &&
                      text.compare(text.size() - tail, tail, pattern, star + 1, tail) == 0;
    return fits ? std::optional(text.substr(star, text.size() - star - tail)) : std::nullopt;
}

std::string withStar(std::string scope, const std::string& text) {
    const std::size_t star = scope.find('*');
    return star == std::string::npos ? scope : scope.replace(star, 1, text);
}

bool addNew(std::vector<std::string>& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) != list.end()) return false;
    list.push_back(text);
    return true;
}

bool holdsAll(const Grants& grants, const std::vector<std::string>& needed) {
    return std::all_of(needed.begin(), needed.end(), [&](const std::string& scope) { return grants.has(scope); });
}

bool fitsOne(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return fitsPattern(pattern, name); });
}

const std::vector<std::string>& patternsOf(const PolicyRule& rule, FeatureKind kind) {
    if (kind == FeatureKind::tool) return rule.tools;
    return kind == FeatureKind::resource ? rule.resources : rule.prompts;
}

PolicyTest testFrom(const Settings& settings) {
    settings.allowOnly({"scopes", "tool", "resource", "prompt", "expect"});
    PolicyTest test;
    test.scopes = settings.strings("scopes");
    for (const auto& [key, kind] : {std::pair("tool", FeatureKind::tool), std::pair("resource", FeatureKind::resource),
                                    std::pair("prompt", FeatureKind::prompt)}) {
        if (!settings.has(key)) continue;
        test.kind = kind;
        test.name = settings.string(key);
    }
    if (test.name.empty()) throw SettingsError(settings.where() + ": expected tool, resource or prompt");
    const std::string expected = settings.string("expect");
    if (expected != "allow" && expected != "deny")
        throw SettingsError(settings.where() + ".expect: expected allow or deny, got \"" + expected + "\"");
    test.allowed = expected == "allow";
    return test;
}

} // namespace

bool fitsPattern(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0; // where the last * was, and what it has taken
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p, ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool Grants::has(const std::string& scope) const {
    return all_ || std::binary_search(scopes_.begin(), scopes_.end(), scope);
}

Grants Grants::everything() {
    Grants grants;
    grants.all_ = true;
    return grants;
}

Policy::Policy(const Settings& settings) {
    settings.allowOnly({"required_scopes", "everyone", "includes", "rules", "hide", "tests"});
    required_ = settings.strings("required_scopes");
    everyone_ = settings.has("everyone") ? settings.strings("everyone") : std::vector<std::string>{"mcp:access"};
    hides_ = settings.flag("hide", true);
    readIncludes(settings);
    readRules(settings);
    readTests(settings);
}

void Policy::readIncludes(const Settings& settings) {
    if (!settings.has("includes")) {
        includes_ = {{"mcp:admin", {"*"}},
                     {"write:*", {"read:*", "mcp:write"}},
                     {"read:*", {"mcp:read"}},
                     {"execute:mcp", {"mcp:execute"}}};
        return;
    }
    const Settings map = settings.map("includes");
    for (const auto& item : map.json().items()) includes_.push_back({item.key(), map.strings(item.key())});
}

void Policy::readRules(const Settings& settings) {
    for (const Settings& rule : settings.list("rules")) {
        rule.allowOnly({"tools", "resources", "prompts", "scopes"});
        rules_.push_back(
            {rule.strings("tools"), rule.strings("resources"), rule.strings("prompts"), rule.strings("scopes")});
        const PolicyRule& read = rules_.back();
        if (read.scopes.empty())
            throw SettingsError(rule.where() + ".scopes: is empty; a rule says which scopes are needed");
        if (read.tools.empty() && read.resources.empty() && read.prompts.empty())
            throw SettingsError(rule.where() + ": expected tools, resources or prompts");
    }
}

void Policy::readTests(const Settings& settings) {
    for (const Settings& test : settings.list("tests")) tests_.push_back(testFrom(test));
}

// What a scope includes is followed to its end: the list grows while it is read. maxGrants bounds inclusions that go in
// circles or multiply.
Grants Policy::grantsOf(const std::vector<std::string>& scopes) const {
    Grants grants;
    std::vector<std::string>& held = grants.scopes_;
    if (scopes.empty()) return grants;
    for (const auto* list : {&everyone_, &scopes})
        for (const std::string& scope : *list)
            if (held.size() < maxGrants) addNew(held, scope);
    for (std::size_t i = 0; i < held.size() && held.size() < maxGrants; ++i) {
        for (const Inclusion& inclusion : includes_) {
            const auto star = starOf(inclusion.scope, held[i]);
            if (!star) continue;
            for (const std::string& included : inclusion.includes) {
                if (included == "*") grants.all_ = true;
                else addNew(held, withStar(included, *star));
            }
        }
    }
    std::sort(held.begin(), held.end());
    return grants;
}

bool Policy::isHeldByAll(const std::vector<std::string>& needed) const {
    return holdsAll(grantsOf({""}), needed); // a scope that nothing names
}

std::vector<std::string> Policy::neededFor(FeatureKind kind, std::string_view name) const {
    std::vector<std::string> needed;
    for (const PolicyRule& rule : rules_)
        if (fitsOne(patternsOf(rule, kind), name))
            for (const std::string& scope : rule.scopes) addNew(needed, scope);
    return needed;
}

std::vector<std::string> Policy::refusal(FeatureKind kind, std::string_view name, const Grants& grants) const {
    if (rules_.empty()) return {};
    std::vector<std::string> needed = neededFor(kind, name);
    return holdsAll(grants, needed) ? std::vector<std::string>() : needed;
}

std::vector<std::string> Policy::refusal(const std::vector<std::string>& more, const Grants& grants) const {
    if (holdsAll(grants, required_) && holdsAll(grants, more)) return {};
    std::vector<std::string> needed = required_;
    for (const std::string& scope : more) addNew(needed, scope);
    return needed;
}

} // namespace gatehouse
