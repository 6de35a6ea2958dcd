// Introspection answers: who is let in was said to be active, for us, and not only in the past.
#include <cstdlib>

#include <gatehouse/jose/strict_json.hpp>

#include "planted_bug.hpp"
#include "validators/introspection/introspection_answer.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const WallTime now{std::chrono::seconds(1'000'000)};
    const std::string text(reinterpret_cast<const char*>(data), size);
    introspection::AnswerRules rules;
    rules.issuer = rules.endpoint = "https://a";
    rules.claims.audiences = {"a"};
    rules.claims.leeway = std::chrono::seconds(0);
    rules.claims.subjects = rules.mapping.subject = {"sub", "username", "client_id"};
    std::vector<TokenCheck> told;
    const Verdict verdict = introspection::judgeAnswer(FetchAnswer{200, text, ""}, rules, now);
    if (verdict.index() != introspection::judgeAnswer(FetchAnswer{200, text, ""}, rules, now, &told).index())
        std::abort();
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (!yes) return 0;
    plantedBug(yes->identity.subject);
    const auto said = jose::strictJsonObject(text);
    if (!said || said->at("active") != true || !said->contains("aud") || yes->identity.expiresAt <= now) std::abort();
    if (yes->identity.isolationKey.empty() || yes->identity.issuer.empty()) std::abort();
    return 0;
}
