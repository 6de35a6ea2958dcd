// Chain: several validators asked in order, as one.
//
// The first that does not say "not mine" decides. A token that one of them refuses is refused: none behind it is asked.
// One that cannot say ends the asking as well (503), because a later one must not rescue what an earlier would refuse.
// All members read the same header with the same scheme. When one of them exchanges tokens, a token that another one
// accepted gets no credential, and its calls are refused: a backend never works with an empty one.
// Threads: as TokenValidator. Members outlive the chain.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gatehouse/settings.hpp>
#include <gatehouse/token_validator.hpp>

#include "auth/deciding.hpp"

namespace gatehouse {

class Chain final : public TokenValidator, public Deciding {
public:
    struct Member {
        std::string name;
        TokenValidator* validator;
    };
    // Throws SettingsError when two members read their credential from different places.
    explicit Chain(std::vector<Member> members);

    ValidatorTraits traits() const override { return traits_; }
    Verdict validate(const TokenRequest& request) override { return decide(request).verdict; }
    // The decider of an accepted token is the member that exchanges it; the chain itself where that member does not.
    Judgement decide(const TokenRequest& request) override;
    // Refuses: tokens are exchanged by the member that accepted them.
    ExchangeAnswer exchange(const ExchangeRequest& request) override;
    std::string notReady() const override; // when no member is ready
    void identityGone(std::string_view isolationKey) override;

private:
    static Verdict ask(const Member& member, const TokenRequest& request);

    const std::vector<Member> members_;
    ValidatorTraits traits_;
};

} // namespace gatehouse
