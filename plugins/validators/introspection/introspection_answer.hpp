// What an authorization server says of a token (RFC 7662 section 2.2), judged.
//
// `active` must be the JSON value true. What is no answer (no connection, another status than 200, no JSON object) says
// nothing of the token: unavailable. Threads: any; nothing is kept.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <gatehouse/jose/claims.hpp>
#include <gatehouse/token_validator.hpp>

namespace introspection {

struct AnswerRules {
    gatehouse::jose::ClaimRules claims;
    gatehouse::jose::ClaimMapping mapping;
    std::string endpoint; // for messages
    std::string issuer;   // whose token it is when the answer names none
};

// How long a verdict may be kept is the caller's to say.
gatehouse::Verdict judgeAnswer(const gatehouse::FetchResult& fetched, const AnswerRules& rules, gatehouse::WallTime now,
                               std::vector<gatehouse::TokenCheck>* told = nullptr);

} // namespace introspection
