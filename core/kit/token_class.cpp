#include "kit/token_class.hpp"

#include <algorithm>

#include <gatehouse/base64.hpp>

namespace gatehouse::kit {

namespace {

// A kid that the issuer has not published: its key may be published the next moment, so a validator that cannot look
// again just now says that it cannot judge.
bool namesUnknownKey(const KitIssuer& issuer, const std::string& token) {
    if (isSymmetric(issuer.firstAlgorithm())) return false; // nothing is published
    const auto text = fromBase64Url(std::string_view(token).substr(0, token.find('.')));
    const Json header = text ? Json::parse(*text, nullptr, false) : Json();
    const bool hasKid = header.is_object() && header.contains("kid") && header.at("kid").is_string();
    if (!hasKid) return false;
    const Json keys = issuer.keySet().at("keys");
    return std::none_of(keys.begin(), keys.end(),
                        [&](const Json& key) { return key.value("kid", "") == header.at("kid"); });
}

} // namespace

void ClassMaker::accept(std::string what, std::string token, std::string subject) {
    made_.cases.push_back({std::move(what), std::move(token), Wanted::accepted, std::move(subject)});
}

void ClassMaker::refuse(std::string what, std::string token) {
    const Wanted wanted = namesUnknownKey(issuer_, token) ? Wanted::notAccepted : Wanted::refused;
    made_.cases.push_back({std::move(what), std::move(token), wanted, {}});
}

void ClassMaker::refuseClaim(const std::string& claim, const Json& value, std::string what) {
    Json claims = issuer_.claims();
    claims[claim] = value;
    refuse(std::move(what), issuer_.sign(issuer_.header(issuer_.firstAlgorithm()), claims));
}

void ClassMaker::refuseClaimText(const std::string& claim, const std::string& json, std::string what) {
    const std::string& algorithm = issuer_.firstAlgorithm();
    Json claims = issuer_.claims();
    claims.erase(claim);
    std::string payload = claims.dump();
    payload.insert(1, "\"" + claim + "\":" + json + ",");
    refuse(std::move(what), issuer_.signText(issuer_.header(algorithm).dump(), payload, algorithm));
}

void ClassMaker::refuseWithout(const std::string& claim) {
    Json claims = issuer_.claims();
    claims.erase(claim);
    refuse("a token without " + claim, issuer_.sign(issuer_.header(issuer_.firstAlgorithm()), claims));
}

void ClassMaker::refuseHeader(const std::string& member, const Json& value, std::string what) {
    Json header = issuer_.header(issuer_.firstAlgorithm());
    header[member] = value;
    refuseHeaderText(header.dump(), std::move(what));
}

void ClassMaker::refuseHeaderText(const std::string& json, std::string what) {
    refuse(std::move(what), issuer_.signText(json, issuer_.claims().dump(), issuer_.firstAlgorithm()));
}

} // namespace gatehouse::kit
