// Claims: what is let through has a subject, an audience of ours and a time to come.
#include <cstdlib>

#include <gatehouse/jose/claims.hpp>
#include <gatehouse/jose/strict_json.hpp>

#include "planted_bug.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const WallTime now{std::chrono::seconds(1'000'000)};
    const auto claims = strictJsonObject({reinterpret_cast<const char*>(data), size});
    if (!claims) return 0;
    ClaimRules rules;
    rules.audiences = {"a"};
    rules.leeway = std::chrono::seconds(0);
    const Identity identity = identityFrom(*claims, ClaimMapping{}, rules.leeway);
    plantedBug(identity.subject);
    std::vector<TokenCheck> told;
    const bool isGood = !judgeClaims(Json::object(), *claims, rules, now);
    if (isGood != !judgeClaims(Json::object(), *claims, rules, now, &told)) std::abort();
    if (isGood && (identity.subject.empty() || identity.expiresAt <= now || !claims->contains("aud"))) std::abort();
    return 0;
}
