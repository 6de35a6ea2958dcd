#include <gatehouse/jose/claims.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

#include <gatehouse/ascii.hpp>

namespace gatehouse::jose {

namespace {

bool isGuid(const std::string& text) {
    constexpr std::size_t guidLetters = 36;
    return text.size() == guidLetters &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0 || c == '-'; });
}

using Reason = Rejected::Reason;

constexpr std::size_t maxAudiences = 100;

// An empty string, such as the address of a server that has none, matches nothing.
bool holds(const std::vector<std::string>& list, const std::string& text) {
    return !text.empty() && std::find(list.begin(), list.end(), text) != list.end();
}

// A `typ` or `cty` of a header (RFC 7515 section 4.1.9); empty when it is no string.
std::string mediaType(const Json& value) {
    constexpr std::string_view prefix = "application/";
    std::string name = value.is_string() ? lowered(value.get<std::string>()) : "";
    return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

// Empty when the claim cannot be a subject. `sub` is a string (RFC 7519 section 4.1.2); others may be whole numbers.
std::string subjectText(const std::string& name, const Json& claim) {
    if (claim.is_string()) return claim.get<std::string>();
    return claim.is_number_integer() && name != "sub" ? claim.dump() : "";
}

std::string secondsAgo(WallTime now, WallTime then) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - then).count()) + " s ago";
}

// The checks of one token, one after the other.
class Judgement {
public:
    Judgement(const Json& header, const Json& claims, const ClaimRules& rules, WallTime now,
              std::vector<TokenCheck>* told)
        : header_(header), claims_(claims), rules_(rules), now_(now), told_(told) {}

    std::optional<Rejected> all() {
        const auto checks = {&Judgement::type,     &Judgement::use,       &Judgement::issuer,
                             &Judgement::audience, &Judgement::client,    &Judgement::subject,
                             &Judgement::expiry,   &Judgement::beginning, &Judgement::issuedAt};
        for (const auto check : checks) {
            (this->*check)();
            if (refusal_ && !told_) break;
        }
        return std::move(refusal_);
    }

private:
    void pass(const char* claim, std::string_view words) {
        if (told_) told_->push_back({claim, true, std::string(words)});
    }
    void fail(const char* claim, Reason reason, std::string words) {
        if (told_) told_->push_back({claim, false, words});
        if (!refusal_) refusal_ = Rejected{reason, std::string(claim) + ": " + words, {}};
    }

    void type() {
        const auto found = header_.find("typ");
        const bool isText = found != header_.end() && found->is_string();
        const std::string given = isText ? mediaType(*found) : "";
        const bool wanted = rules_.types.empty()
                                ? found == header_.end() || given == "jwt" || given == "at+jwt"
                                : std::any_of(rules_.types.begin(), rules_.types.end(),
                                              [&](const std::string& t) { return lowered(t) == given; });
        const auto content = header_.find("cty");
        const bool nested = content != header_.end() && mediaType(*content) == "jwt";
        if (wanted && !nested) return pass("typ", given.empty() ? std::string_view("none given") : given);
        fail("typ", Reason::malformed, nested ? "a token within a token" : "not the type that is taken here");
    }
    // An ID token or a logout token says who logged in, not what may be called. Its provider says what it is, in the
    // claims `typ` (Keycloak: Bearer, ID, Refresh, Offline, Logout) or `token_use` (Cognito: access, id); `nonce` and
    // `at_hash` say nothing, since access tokens have them too.
    void use() {
        const std::string_view kind = textOf("typ"), use = textOf("token_use");
        const char* foreign = nullptr;
        if (hasEvents()) foreign = "events";
        if ((kind == "ID" && !rules_.takesIdTokens) || kind == "Refresh" || kind == "Offline" || kind == "Logout")
            foreign = "typ";
        const bool isWantedUse = rules_.tokenUse.empty() ? use != "id" || rules_.takesIdTokens : use == rules_.tokenUse;
        if (!isWantedUse) foreign = "token_use";
        const bool isMarked = rules_.accessClaims.empty() ||
                              std::any_of(rules_.accessClaims.begin(), rules_.accessClaims.end(),
                                          [&](const std::string& name) { return findClaim(claims_, name) != nullptr; });
        if (!foreign && !isMarked)
            return fail("use", Reason::malformed, "it lacks " + rules_.accessClaims.front() + ", as ID tokens do");
        if (!foreign) return pass("use", "an access token");
        fail("use", Reason::malformed, std::string("its claim ") + foreign + " is that of another kind of token");
    }
    std::string_view textOf(const char* name) const {
        const auto found = claims_.find(name);
        const auto* text = found == claims_.end() ? nullptr : found->get_ptr<const std::string*>();
        return text ? std::string_view(*text) : std::string_view();
    }
    // A security event, so also a logout token, names its events by URIs (RFC 8417 section 2.2).
    bool hasEvents() const {
        const auto found = claims_.find("events");
        if (found == claims_.end() || !found->is_object()) return false;
        for (const auto& event : found->items())
            if (event.key().find(':') != std::string::npos) return true;
        return false;
    }
    void issuer() {
        if (rules_.issuers.empty()) return;
        const auto found = claims_.find("iss");
        if (found == claims_.end() || !found->is_string()) return fail("iss", Reason::malformed, "missing, or no text");
        const auto& given = found->get_ref<const std::string&>();
        const bool known = std::any_of(rules_.issuers.begin(), rules_.issuers.end(),
                                       [&](const std::string& wanted) { return isIssuedBy(claims_, wanted); });
        if (known && !given.empty()) return pass("iss", given);
        fail("iss", Reason::unknown, "another issuer than the one that is trusted");
    }
    void audience() {
        if (rules_.audiences.empty()) return;
        const auto found = claims_.find("aud");
        if (found == claims_.end()) return fail("aud", Reason::wrongAudience, "missing");
        const auto isText = [](const Json& a) { return a.is_string(); };
        const auto isOurs = [&](const Json& a) { return holds(rules_.audiences, a.get_ref<const std::string&>()); };
        const bool isList =
            found->is_array() && found->size() <= maxAudiences && std::all_of(found->begin(), found->end(), isText);
        if (!isList && !isText(*found)) return fail("aud", Reason::malformed, "neither a text nor a list of strings");
        if (isList ? std::any_of(found->begin(), found->end(), isOurs) : isOurs(*found))
            return pass("aud", "names this server");
        fail("aud", Reason::wrongAudience, "made for others");
    }
    // For providers whose access tokens have no `aud`.
    void client() {
        if (rules_.clients.empty()) return;
        const auto found = claims_.find("client_id");
        if (found == claims_.end()) return fail("client_id", Reason::wrongAudience, "missing");
        if (!found->is_string()) return fail("client_id", Reason::malformed, "no text");
        if (holds(rules_.clients, found->get_ref<const std::string&>())) return pass("client_id", "a known client");
        fail("client_id", Reason::wrongAudience, "made for another client");
    }
    void subject() {
        for (const std::string& name : rules_.subjects) {
            const Json* found = findClaim(claims_, name);
            if (!found) continue;
            const bool fit = !subjectText(name, *found).empty();
            return fit ? pass("sub", name) : fail("sub", Reason::malformed, name + " is empty or no text");
        }
        fail("sub", Reason::malformed, "missing");
    }
    void expiry() {
        const auto found = claims_.find("exp");
        if (found == claims_.end()) {
            if (!rules_.requiresExpiry) return pass("exp", "none, and none is needed");
            return fail("exp", Reason::malformed, "missing");
        }
        const auto time = numericDate(*found);
        if (!time) return fail("exp", Reason::malformed, "no time");
        if (*time + rules_.leeway > now_) return pass("exp", "in the future");
        fail("exp", Reason::expired, "expired " + secondsAgo(now_, *time));
    }
    void beginning() { notBefore("nbf", "not valid yet"); }
    void issuedAt() { notBefore("iat", "issued in the future"); }
    void notBefore(const char* name, const char* words) {
        const auto found = claims_.find(name);
        if (found == claims_.end()) return;
        const auto time = numericDate(*found);
        if (!time) return fail(name, Reason::malformed, "no time");
        if (*time <= now_ + rules_.leeway) return pass(name, "in the past");
        fail(name, Reason::forbidden, words);
    }

    const Json& header_;
    const Json& claims_;
    const ClaimRules& rules_;
    const WallTime now_;
    std::vector<TokenCheck>* const told_;
    std::optional<Rejected> refusal_;
};

std::string firstText(const Json& claims, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        const Json* found = findClaim(claims, name);
        if (found && found->is_string()) return found->get<std::string>();
    }
    return {};
}

std::string firstSubject(const Json& claims, const std::vector<std::string>& names) {
    for (const std::string& name : names)
        if (const Json* found = findClaim(claims, name)) return subjectText(name, *found);
    return {};
}

void addWords(std::vector<std::string>& out, const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (end > at) out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
}

bool isTexts(const Json& value) {
    const auto isText = [](const Json& item) { return item.is_string(); };
    return value.is_string() || (value.is_array() && std::all_of(value.begin(), value.end(), isText));
}

// The length keeps the parts apart.
void addPart(std::string& key, const std::string& part) {
    key.append(std::to_string(part.size())).append(":").append(part);
}

} // namespace

bool isIssuedBy(const Json& claims, const std::string& issuer) {
    constexpr std::string_view mark = "{tenantid}";
    const auto given = claims.find("iss");
    if (given == claims.end() || !given->is_string()) return false;
    const std::size_t at = issuer.find(mark);
    if (at == std::string::npos) return *given == issuer;
    const auto tenant = claims.find("tid");
    const bool fit = tenant != claims.end() && tenant->is_string() && isGuid(tenant->get_ref<const std::string&>());
    return fit && *given == std::string(issuer).replace(at, mark.size(), tenant->get<std::string>());
}

std::optional<Rejected> judgeClaims(const Json& header, const Json& claims, const ClaimRules& rules, WallTime now,
                                    std::vector<TokenCheck>* told) {
    return Judgement(header, claims, rules, now, told).all();
}

const Json* findClaim(const Json& claims, const std::string& name) {
    if (!claims.is_object()) return nullptr;
    if (const auto whole = claims.find(name); whole != claims.end()) return whole->is_null() ? nullptr : &*whole;
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
        const auto outer = claims.find(name.substr(0, dot));
        const Json* found = outer == claims.end() ? nullptr : findClaim(*outer, name.substr(dot + 1));
        if (found) return found;
    }
    return nullptr;
}

std::optional<WallTime> numericDate(const Json& value) {
    constexpr double latest = 253402300799; // 9999-12-31T23:59:59Z
    if (!value.is_number()) return std::nullopt;
    const double seconds = value.get<double>();
    if (!std::isfinite(seconds) || seconds > latest || seconds < -latest) return std::nullopt;
    return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

std::vector<std::string> scopesIn(const Json& claims, const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const std::string& name : names) {
        const Json* found = findClaim(claims, name);
        if (!found || !isTexts(*found)) continue;
        if (found->is_string()) addWords(out, found->get_ref<const std::string&>());
        else
            for (const Json& item : *found) out.push_back(item.get<std::string>());
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::string oddClaim(const Json& claims, const ClaimMapping& mapping) {
    for (const auto* names : {&mapping.client, &mapping.tokenId})
        for (const std::string& name : *names) {
            const Json* found = findClaim(claims, name);
            if (found && !found->is_string()) return name;
            if (found) break;
        }
    std::string odd;
    for (const std::string& name : mapping.scopes) {
        const Json* found = findClaim(claims, name);
        if (found && isTexts(*found) && mapping.guessesScopes) return {};
        if (found && !isTexts(*found) && odd.empty()) odd = name;
    }
    return odd;
}

Identity identityFrom(const Json& claims, const ClaimMapping& mapping, std::chrono::seconds leeway) {
    Identity identity;
    identity.issuer = firstText(claims, {"iss"});
    identity.subject = firstSubject(claims, mapping.subject);
    identity.clientId = firstText(claims, mapping.client);
    identity.tokenId = firstText(claims, mapping.tokenId);
    for (const std::string* part : {&identity.issuer, &identity.subject, &identity.clientId})
        addPart(identity.isolationKey, *part);
    identity.scopes = scopesIn(claims, mapping.scopes);
    const auto exp = claims.find("exp");
    const auto expiry = exp == claims.end() ? std::nullopt : numericDate(*exp);
    if (expiry) identity.expiresAt = *expiry + leeway;
    return identity;
}

} // namespace gatehouse::jose
