#include <gatehouse/jose/access_token.hpp>

#include <algorithm>

#include <gatehouse/jose/strict_json.hpp>

namespace gatehouse::jose {

namespace {

using Reason = Rejected::Reason;

Reason reasonOf(JwsRefusal::Kind kind) {
    switch (kind) {
        case JwsRefusal::Kind::notJws: return Reason::notMine;
        case JwsRefusal::Kind::refused:
        case JwsRefusal::Kind::algorithm: return Reason::malformed;
        case JwsRefusal::Kind::unknownKey:
        case JwsRefusal::Kind::badSignature: return Reason::badSignature;
    }
    return Reason::malformed;
}

class Judge {
public:
    Judge(const KeySource& keys, const AccessTokenRules& rules, WallTime now, std::vector<TokenCheck>* told)
        : keys_(keys), rules_(rules), now_(now), told_(told) {}

    Verdict judge(std::string_view token) {
        const auto parsed = parseJws(token);
        if (const auto* refusal = std::get_if<JwsRefusal>(&parsed)) return refuse("form", *refusal);
        const auto& jws = std::get<UnverifiedJws>(parsed);
        if (told_) note("form", true, "a signed JWT, " + std::string(name(jws.algorithm)));
        const auto claims = strictJsonObject(jws.payload);
        if (!claims) return refuse("claims", Reason::malformed, "no JSON object, or it has duplicate members");
        if (isOfAnotherIssuer(*claims)) {
            if (told_) static_cast<void>(wrongIn(*claims, jws.header));
            return keep(Rejected{Reason::notMine, "iss: another issuer", {}, {}});
        }
        const auto source = keys_(jws.keyId);
        if (const auto* down = std::get_if<Unavailable>(&source)) {
            note("key", false, down->detail);
            if (told_) static_cast<void>(wrongIn(*claims, jws.header));
            return *down;
        }
        const auto refusal = verified(jws, *std::get<std::shared_ptr<const KeySet>>(source), *claims);
        if (refusal && !told_) return refuse("signature", *refusal);
        if (told_) note("signature", !refusal, refusal ? refusal->words : "made by the issuer");
        auto wrong = wrongIn(*claims, jws.header);
        if (refusal) return Rejected{reasonOf(refusal->kind), "signature: " + refusal->words, {}, {}};
        if (wrong) return keep(std::move(*wrong));
        return accept(*claims, jws.payload);
    }

private:
    // A key that is published as another issuer's says nothing about this token.
    std::optional<JwsRefusal> verified(const UnverifiedJws& jws, const KeySet& keys, const Json& claims) const {
        return verifyJws(jws, keys, rules_.algorithms,
                         [&](const Key& key) { return key.issuer().empty() || isIssuedBy(claims, key.issuer()); });
    }
    // Before the signature is looked at: it decides only which validator is asked, never that a token is good.
    bool isOfAnotherIssuer(const Json& claims) const {
        const auto& issuers = rules_.claims.issuers;
        const auto issuer = claims.find("iss");
        if (issuers.empty() || issuer == claims.end() || !issuer->is_string()) return false;
        for (const std::string& ours : issuers)
            if (ours == issuer->get_ref<const std::string&>() || ours.find('{') != std::string::npos) return false;
        return true;
    }
    std::optional<Rejected> wrongIn(const Json& claims, const Json& header) {
        auto wrong = judgeClaims(header, claims, rules_.claims, now_, told_);
        if (wrong && !told_) return wrong;
        const std::string odd = oddClaim(claims, rules_.mapping);
        if (odd.empty()) {
            if (told_) note("shape", true, "client, token id and scopes are texts");
            return wrong;
        }
        note("shape", false, odd + " is not of its type");
        if (!wrong) return Rejected{Reason::malformed, "shape: " + odd + " is not of its type", {}, {}};
        return wrong;
    }
    Verdict accept(const Json& claims, const std::string& payload) const {
        Accepted yes;
        yes.identity = identityFrom(claims, rules_.mapping, rules_.claims.leeway);
        yes.identity.claimsJson = payload;
        yes.cache = rules_.keepAccepts ? CachePolicy::forToken(*rules_.keepAccepts) : CachePolicy::forToken();
        yes.requiredScopes = rules_.requiredScopes;
        return yes;
    }
    // The same token will be refused again, unless its time has yet to come.
    Rejected keep(Rejected no) const {
        if (!isMendedByTime(no)) no.cache = CachePolicy::forToken(rules_.keepRejects);
        return no;
    }
    Rejected refuse(const char* what, const JwsRefusal& refusal) {
        Rejected no = refuse(what, reasonOf(refusal.kind), refusal.words);
        if (refusal.kind == JwsRefusal::Kind::unknownKey) no.cache = {}; // its key may be published the next moment
        return no;
    }
    Rejected refuse(const char* what, Reason reason, const std::string& words) {
        note(what, false, words);
        return keep(Rejected{reason, std::string(what) + ": " + words, {}, {}});
    }
    void note(const char* what, bool passed, std::string words) {
        if (told_) told_->push_back({what, passed, std::move(words)});
    }

    const KeySource& keys_;
    const AccessTokenRules& rules_;
    const WallTime now_;
    std::vector<TokenCheck>* const told_;
};

void readMapping(const Settings& settings, AccessTokenRules& rules) {
    const Settings claims = settings.map("claims");
    claims.allowOnly({"subject", "client", "token_id", "scopes"});
    const auto read = [&](const char* key, std::vector<std::string>& names) {
        if (claims.has(key)) names = claims.strings(key);
    };
    read("subject", rules.mapping.subject);
    read("client", rules.mapping.client);
    read("token_id", rules.mapping.tokenId);
    read("scopes", rules.mapping.scopes);
    if (claims.has("scopes")) rules.mapping.guessesScopes = false;
    rules.claims.subjects = rules.mapping.subject;
}

} // namespace

Verdict judgeAccessToken(std::string_view token, const KeySource& keys, const AccessTokenRules& rules, WallTime now,
                         std::vector<TokenCheck>* told) {
    return Judge(keys, rules, now, told).judge(token);
}

bool isMendedByTime(const Rejected& no) { return no.reason == Reason::forbidden; }

std::chrono::seconds leewayFrom(const Settings& settings, std::chrono::seconds otherwise) {
    constexpr std::int64_t mostLeeway = 300;
    return std::chrono::seconds(settings.integer("leeway_seconds", otherwise.count(), 0, mostLeeway));
}

void readAccessTokenSettings(const Settings& settings, const std::string& resourceUrl, AccessTokenRules& rules) {
    if (settings.has("issuer")) rules.claims.issuers = settings.someStrings("issuer");
    if (settings.has("audience")) rules.claims.audiences = settings.someStrings("audience");
    for (std::string& audience : rules.claims.audiences)
        if (audience == "{resource}") audience = resourceUrl;
    if (settings.has("types")) rules.claims.types = settings.strings("types");
    rules.requiredScopes = settings.strings("required_scopes");
    rules.claims.requiresExpiry = settings.flag("require_expiry", rules.claims.requiresExpiry);
    rules.claims.leeway = leewayFrom(settings, rules.claims.leeway);
    if (settings.has("algorithms")) {
        std::string unknown;
        const auto named = AlgorithmSet::named(settings.strings("algorithms"), unknown);
        if (!named || named->empty())
            throw SettingsError("algorithms: expected some of " + AlgorithmSet::asymmetric().names() + ", " +
                                AlgorithmSet::symmetric().names() + ", got \"" + unknown + "\"");
        rules.algorithms = *named;
    }
    readMapping(settings, rules);
}

} // namespace gatehouse::jose
