// Rightly signed tokens whose claims are wrong: time, audience, issuer, subject.
#include "kit/token_class.hpp"

namespace gatehouse::kit {

namespace {

// Values that are of no type that a text claim may have.
const Json noTexts[] = {Json(nullptr), Json(5), Json(true), Json::object(), Json(1.5)};

} // namespace

TokenClass wrongTimes(const KitIssuer& issuer, std::int64_t leewaySeconds) {
    ClassMaker make(issuer, "time", "RFC 7519 sections 4.1.4 and 4.1.5, RFC 9068 section 2.2");
    const std::int64_t now = issuer.claims().at("iat");
    constexpr std::int64_t edge = 3; // the run takes time
    make.refuseWithout("exp");
    for (const std::int64_t ago : {leewaySeconds + edge, leewaySeconds + 60, std::int64_t{86400}, now})
        make.refuseClaim("exp", now - ago, "a token that has expired");
    for (const std::int64_t ahead : {leewaySeconds + 60, std::int64_t{86400}})
        make.refuseClaim("nbf", now + ahead, "a token that is not valid yet (nbf)");
    for (const char* text : {"null", "\"9999999999\"", "true", "[]", "[9999999999]", "{}", "\"\"", "-1", "0", "-1e3"})
        make.refuseClaimText("exp", text, "a token whose exp is no time to come");
    for (const char* text : {"1e400", "-1e400", "NaN", "Infinity", "9e999", "0x7fffffff", "1_000"})
        make.refuseClaimText("exp", text, "a token whose exp is no number");
    for (const char* text : {"null", "\"1\"", "true", "[]", "{}", "1e400"}) {
        make.refuseClaimText("nbf", text, "a token whose nbf is no number");
        make.refuseClaimText("iat", text, "a token whose iat is no number");
    }
    return make.done();
}

TokenClass wrongAudiences(const KitIssuer& issuer) {
    ClassMaker make(issuer, "audience", "RFC 7519 section 4.1.3, RFC 9068 section 4");
    const std::string ours = issuer.audience();
    make.refuseWithout("aud");
    std::string upper = ours;
    upper[ours.size() - 1] = 'P';
    const std::string others[] = {"https://other.example",
                                  ours + "/",
                                  ours + "x",
                                  ours.substr(0, ours.size() - 1),
                                  " " + ours,
                                  ours + " ",
                                  upper,
                                  ours + "?a=b",
                                  ours + "#a",
                                  "*",
                                  "",
                                  "https://other.example," + ours,
                                  ours + " https://other.example"};
    for (const std::string& other : others) {
        make.refuseClaim("aud", other, "a token for another audience");
        make.refuseClaim("aud", Json::array({other, "https://third.example"}), "a token for a list of other audiences");
    }
    make.refuseClaim("aud", Json::array(), "a token for nobody (aud is an empty list)");
    make.refuseClaim("aud", Json::array({Json::array({ours})}), "a token whose aud is a list in a list");
    make.refuseClaim("aud", {{"0", ours}}, "a token whose aud is an object");
    make.refuseClaim("aud", Json::array({ours, 5}), "a token whose aud has a number in it");
    make.refuseClaim("aud", std::vector<std::string>(2000, "https://x.example"), "a token for 2,000 other audiences");
    for (const Json& odd : noTexts) make.refuseClaim("aud", odd, "a token whose aud is no text");
    make.refuseClaimText("aud", "\"" + ours + "\",\"aud\":\"https://other.example\"", "a token with aud twice");
    return make.done();
}

TokenClass wrongIssuers(const KitIssuer& issuer) {
    ClassMaker make(issuer, "issuer", "RFC 7519 section 4.1.1, RFC 8725 section 3.8");
    const std::string ours = issuer.url();
    make.refuseWithout("iss");
    std::string upper = ours;
    upper[0] = 'H';
    for (const std::string& other :
         {std::string("https://other.example"), ours + "/", ours + "x", ours.substr(0, ours.size() - 1), upper,
          ours + "/..", " " + ours, ours + "@other.example", std::string()})
        make.refuseClaim("iss", other, "a token of another issuer");
    make.refuseClaim("iss", Json::array({ours}), "a token whose iss is a list");
    for (const Json& odd : noTexts) make.refuseClaim("iss", odd, "a token whose iss is no text");
    return make.done();
}

TokenClass wrongSubjects(const KitIssuer& issuer) {
    ClassMaker make(issuer, "subject", "RFC 9068 section 2.2");
    make.refuseWithout("sub");
    make.refuseClaim("sub", "", "a token whose sub is empty");
    make.refuseClaim("sub", Json::array({"kit-user"}), "a token whose sub is a list");
    for (const Json& odd : noTexts) make.refuseClaim("sub", odd, "a token whose sub is no text");
    make.refuseClaimText("sub", "\"kit-user\",\"sub\":\"admin\"", "a token with sub twice");
    return make.done();
}

} // namespace gatehouse::kit
