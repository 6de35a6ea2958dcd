#include "static_file_validator.hpp"

#include <gatehouse/plugin.hpp>

namespace static_file {

using namespace gatehouse;

namespace {

Identity identityOf(const TokenRecord& record) {
    Identity identity;
    identity.issuer = "gatehouse";
    identity.subject = record.note.empty() ? record.id : record.note;
    identity.tokenId = identity.isolationKey = record.id;
    identity.expiresAt = record.expiresAt;
    if (!record.database.empty()) identity.claimsJson = Json({{"database", record.database}}).dump();
    return identity;
}

} // namespace

StaticFileValidator::StaticFileValidator(const Settings&, const Host& host) : host_(host) {}

ValidatorTraits StaticFileValidator::traits() const {
    ValidatorTraits traits;
    traits.runsInline = true; // a look-up in memory
    return traits;
}

Verdict StaticFileValidator::validate(const TokenRequest& request) {
    const TokenLookup found = host_.findToken(request.tokenSha256);
    if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{"the token store cannot answer"};
    const auto* record = std::get_if<TokenRecord>(&found);
    const CachePolicy untilChanged = CachePolicy::forToken();
    if (!record) return Rejected{Rejected::Reason::unknown, "", untilChanged};
    if (record->expiresAt <= host_.now()) return Rejected{Rejected::Reason::expired, record->id, untilChanged};
    return Accepted{identityOf(*record), CachePolicy::forToken()};
}

} // namespace static_file

GATEHOUSE_SETTINGS(R"({"properties": {}})")
GATEHOUSE_TOKEN_VALIDATOR(static_file::StaticFileValidator, "static_file", "1.0.0")
