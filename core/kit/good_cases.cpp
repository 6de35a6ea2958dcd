// What must be let in: a kit that only knows wrong tokens is passed by a validator that refuses everybody.
#include "kit/token_class.hpp"

namespace gatehouse::kit {

namespace {

Json with(Json claims, const Json& more) {
    claims.update(more);
    return claims;
}

void inEachAlgorithm(ClassMaker& make) {
    for (const std::string& algorithm : make.issuer().algorithms())
        make.accept("a good token signed with " + algorithm,
                    make.issuer().sign(make.issuer().header(algorithm), make.issuer().claims()));
}

void withOtherClaims(ClassMaker& make) {
    const KitIssuer& issuer = make.issuer();
    const std::string& algorithm = issuer.firstAlgorithm();
    const Json header = issuer.header(algorithm), claims = issuer.claims();
    const auto accept = [&](const char* what, const Json& more) {
        make.accept(what, issuer.sign(header, with(claims, more)));
    };
    const std::int64_t now = claims.at("iat");
    accept("a token for several audiences, ours the last",
           {{"aud", {"https://first.example", "https://second.example", issuer.audience()}}});
    accept("a token for one audience in a list", {{"aud", {issuer.audience()}}});
    accept("a token whose nbf has passed", {{"nbf", now - 5}});
    accept("a token with claims that nobody knows", {{"https://kit.example/color", {{"deep", {1, 2, 3}}}}});
    accept("a token with claims that ID tokens have as well",
           {{"nonce", "n-0S6_WzA2Mj"}, {"at_hash", "77QmUPtjPfzWtF2AnpK9RQ"}});
    accept("a token of 6 KiB", {{"groups", std::vector<std::string>(300, "a-group-of-people")}});
    Json plain = header;
    plain.erase("typ");
    make.accept("a token without typ", issuer.sign(plain, claims));
}

void ofOtherSubjects(ClassMaker& make) {
    for (const char* subject : {"alice", "bob", "\u00e9l\u00e8ve \u6c34", "a:b|c/d", "00u1a2b3c4d5e6f7g8h9"})
        make.accept("a good token of another subject", make.issuer().goodTokenOf(subject), subject);
}

} // namespace

TokenClass goodTokens(const KitIssuer& issuer) {
    ClassMaker make(issuer, "good", "RFC 9068 section 4");
    inEachAlgorithm(make);
    withOtherClaims(make);
    ofOtherSubjects(make);
    return make.done();
}

} // namespace gatehouse::kit
