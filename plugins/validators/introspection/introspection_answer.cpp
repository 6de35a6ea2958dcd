#include "introspection_answer.hpp"

#include <gatehouse/jose/strict_json.hpp>

namespace introspection {

using namespace gatehouse;

namespace {

Identity identityOf(Json claims, const AnswerRules& rules) {
    const auto issuer = claims.find("iss");
    if (issuer == claims.end() || issuer->is_null() || *issuer == "") claims["iss"] = rules.issuer;
    return jose::identityFrom(claims, rules.mapping, rules.claims.leeway);
}

Verdict judgeClaims(const Json& claims, const std::string& text, const AnswerRules& rules, WallTime now,
                    std::vector<TokenCheck>* told) {
    const auto active = claims.find("active");
    const bool isActive = active != claims.end() && *active == true;
    const char* words = isActive ? "the authorization server says so" : "the authorization server knows no such token";
    if (told) told->push_back({"active", isActive, words});
    if (!isActive) return Rejected{Rejected::Reason::unknown, "active is not true", {}, {}};
    const auto issuer = claims.find("iss");
    if (issuer != claims.end() && !issuer->is_null() && !issuer->is_string())
        return Rejected{Rejected::Reason::malformed, "iss: no text", {}, {}};
    if (auto wrong = jose::judgeClaims(Json::object(), claims, rules.claims, now, told)) return std::move(*wrong);
    Accepted yes;
    yes.identity = identityOf(claims, rules);
    yes.identity.claimsJson = text;
    return yes;
}

} // namespace

Verdict judgeAnswer(const FetchResult& fetched, const AnswerRules& rules, WallTime now, std::vector<TokenCheck>* told) {
    const auto* answer = std::get_if<FetchAnswer>(&fetched);
    if (!answer) return Unavailable{rules.endpoint + ": " + std::get<FetchFault>(fetched).words};
    const std::string ours = answer->status == 401 ? ": our own client credentials are refused" : "";
    if (answer->status != 200) return Unavailable{rules.endpoint + ": HTTP " + std::to_string(answer->status) + ours};
    const auto claims = jose::strictJsonObject(answer->body);
    if (!claims) return Unavailable{rules.endpoint + ": the answer is no JSON object"};
    return judgeClaims(*claims, answer->body, rules, now, told);
}

} // namespace introspection
