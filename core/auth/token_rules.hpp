// TokenRules: what a token of our own store may do beside what the policy says, ready to be asked for each call. A
// token that was derived from another may do what both may. Threads: any; rules do not change.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/network_address.hpp"
#include "tokens/token_entry.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

class TokenRules {
public:
    explicit TokenRules(const TokenMatch& token);

    bool allowsPeer(std::string_view canonicalAddress) const;
    bool allowsTool(std::string_view name) const;
    const std::vector<std::string>& scopes() const { return scopes_; } // of the token, as far as its parents have them
    std::uint64_t generation() const { return generation_; }           // of the text that was shown
    bool isPrevious() const { return isPrevious_; }                    // a later text is in force as well
    bool isSameAs(const TokenRules& other) const; // whether there is a later text as well makes no difference
    bool isLimited() const { return isLimited_; } // in how often it, or what it was derived from, may call

    // The token, then what it was derived from: a call counts for each.
    struct Level {
        std::string id;
        TokenTerms terms;
        std::vector<AddressRange> allowed, denied;
    };
    const std::vector<Level>& levels() const { return levels_; }

private:
    void add(const TokenEntry& entry);

    std::vector<Level> levels_;
    std::vector<std::string> scopes_;
    std::uint64_t generation_ = 1;
    bool isPrevious_ = false;
    std::string database_;
    bool isLimited_ = false;
};

using TokenRulesPtr = std::shared_ptr<const TokenRules>;

} // namespace gatehouse
