// Deciding: a validator that asks others, and can say which of them decided.
// Threads: as TokenValidator.
#pragma once

#include <optional>

#include <gatehouse/token_validator.hpp>

#include "auth/token_rules.hpp"

namespace gatehouse {

struct Judgement {
    Verdict verdict;
    TokenValidator* decider = nullptr; // gave the verdict; null: none did
    // What an accepted token of our own store may do; null: it is none; nothing: that cannot be said now.
    std::optional<TokenRulesPtr> rules = TokenRulesPtr();
};

class Deciding {
public:
    virtual ~Deciding() = default;
    virtual Judgement decide(const TokenRequest& request) = 0;
};

} // namespace gatehouse
