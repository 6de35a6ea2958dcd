// static_file: API tokens of the host's token file.
//
// The host keeps the file, watches it and looks tokens up by their digest; this validator says what a record means.
// A verdict holds for the token until it expires; the host drops it when the file changes.
#include <gatehouse/plugin.hpp>

namespace {

using namespace gatehouse;

class StaticFileValidator final : public TokenValidator {
public:
    StaticFileValidator(const Settings& settings, const Host& host) : host_(host) { settings.allowOnly({}); }

    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        traits.runsInline = true; // a look-up in memory
        return traits;
    }

    Verdict validate(const TokenRequest& request) override {
        const TokenLookup found = host_.findToken(request.tokenSha256);
        if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{"the token store cannot answer"};
        const auto* record = std::get_if<TokenRecord>(&found);
        const CachePolicy untilChanged{CachePolicy::token, never};
        if (!record) return Rejected{Rejected::Reason::unknown, "", untilChanged};
        if (record->expiresAt <= host_.now()) return Rejected{Rejected::Reason::expired, record->id, untilChanged};
        return Accepted{identityOf(*record), {CachePolicy::token, record->expiresAt}};
    }

private:
    static Identity identityOf(const TokenRecord& record) {
        Identity identity;
        identity.issuer = "gatehouse";
        identity.subject = record.note.empty() ? record.id : record.note;
        identity.tokenId = identity.isolationKey = record.id;
        identity.expiresAt = record.expiresAt;
        if (!record.database.empty()) identity.claimsJson = Json({{"database", record.database}}).dump();
        return identity;
    }

    const Host& host_;
};

} // namespace

GATEHOUSE_TOKEN_VALIDATOR(StaticFileValidator, "static_file", "1.0.0")
