// Deciding: a validator that asks others, and can say which of them decided.
// Threads: as TokenValidator.
#pragma once

#include <gatehouse/token_validator.hpp>

namespace gatehouse {

struct Judgement {
    Verdict verdict;
    TokenValidator* decider = nullptr; // gave the verdict; null: none did
};

class Deciding {
public:
    virtual ~Deciding() = default;
    virtual Judgement decide(const TokenRequest& request) = 0;
};

} // namespace gatehouse
