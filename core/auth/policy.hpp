// Policy: who may do what. Scopes, what they include, and which of them a tool, a resource or a prompt needs.
//
// Without rules every valid token may call everything. Where several rules name a feature, the scopes of all are
// needed. Settings (auth.policy):
//   required_scopes  required for every request; one that is missing is a 403
//   everyone         scopes added to every token that has at least one; default: mcp:access
//   includes         scope -> scopes that it includes; a * stands for the same text on both sides; "*" alone: every
//   scope rules            [{tools|resources|prompts: patterns, scopes: [...]}]; a * in a pattern stands for any text
//   hide             lists show only what the caller may call; default: true
//   tests            [{scopes: [...], tool|resource|prompt: name, expect: allow|deny}], for `gatehouse policy test`
// Threads: any; a policy does not change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gatehouse/settings.hpp>

namespace gatehouse {

// The scopes of a caller, with all that they include.
class Grants {
public:
    bool has(const std::string& scope) const;
    const std::vector<std::string>& scopes() const { return scopes_; } // sorted
    // Unauthenticated callers (stdio, authentication off): everything.
    static Grants everything();

private:
    friend class Policy;
    std::vector<std::string> scopes_;
    bool all_ = false;
};

enum class FeatureKind { tool, resource, prompt };

struct PolicyRule {
    std::vector<std::string> tools, resources, prompts; // patterns
    std::vector<std::string> scopes;
};

// One row of the operator's own table.
struct PolicyTest {
    std::vector<std::string> scopes;
    FeatureKind kind{};
    std::string name;
    bool allowed = false;
};

class Policy {
public:
    Policy() : Policy(Settings()) {}
    explicit Policy(const Settings& settings); // throws SettingsError

    Grants grantsOf(const std::vector<std::string>& scopes) const;
    // All scopes that are needed when one of them is not held; empty: go on.
    std::vector<std::string> refusal(FeatureKind kind, std::string_view name, const Grants& grants) const;
    // The same for what every call needs: the policy's own required scopes and `more`.
    std::vector<std::string> refusal(const std::vector<std::string>& more, const Grants& grants) const;

    const std::vector<std::string>& requiredScopes() const { return required_; }
    bool hasRules() const { return !rules_.empty(); }
    bool asksForNothing() const { return rules_.empty() && required_.empty(); }
    // True when every token that brings any scope holds all of `needed`.
    bool isHeldByAll(const std::vector<std::string>& needed) const;
    const std::vector<PolicyRule>& rules() const { return rules_; }
    bool hides() const { return hides_; }
    const std::vector<PolicyTest>& tests() const { return tests_; }

private:
    struct Inclusion {
        std::string scope;
        std::vector<std::string> includes;
    };
    std::vector<std::string> neededFor(FeatureKind kind, std::string_view name) const;
    void readIncludes(const Settings& settings);
    void readRules(const Settings& settings);
    void readTests(const Settings& settings);

    std::vector<std::string> required_;
    std::vector<std::string> everyone_;
    std::vector<Inclusion> includes_;
    std::vector<PolicyRule> rules_;
    std::vector<PolicyTest> tests_;
    bool hides_ = true;
};

// True when `text` is `pattern`, in which each * stands for any text.
bool fitsPattern(std::string_view pattern, std::string_view text);

} // namespace gatehouse
