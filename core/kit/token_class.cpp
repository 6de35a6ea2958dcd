#include "kit/token_class.hpp"

namespace gatehouse::kit {

void ClassMaker::accept(std::string what, std::string token, std::string subject) {
    made_.cases.push_back({std::move(what), std::move(token), Wanted::accepted, std::move(subject)});
}

void ClassMaker::refuse(std::string what, std::string token) {
    made_.cases.push_back({std::move(what), std::move(token), Wanted::refused, {}});
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
