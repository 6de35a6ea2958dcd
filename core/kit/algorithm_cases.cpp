// Tokens that choose their own algorithm: none, or a public key taken for a secret.
#include <algorithm>

#include <gatehouse/base64.hpp>

#include "kit/token_class.hpp"

namespace gatehouse::kit {

namespace {

void noneAtAll(ClassMaker& make) {
    const std::string claims = make.issuer().claims().dump();
    const std::string signature = make.issuer().goodToken().substr(make.issuer().goodToken().rfind('.'));
    for (const char* name : {"none", "None", "NONE", "nOnE", "", "null", " none"}) {
        const std::string input = signingInput(Json{{"alg", name}, {"typ", "JWT"}}.dump(), claims);
        make.refuse("an unsigned token (alg none)", input + ".");
        make.refuse("an unsigned token (alg none) that carries a signature", input + signature);
    }
    for (const Json& odd : {Json(nullptr), Json(0), Json(true), Json::array({"RS256"}), Json::object()})
        make.refuse("a token whose alg is no text", signingInput(Json{{"alg", odd}}.dump(), claims) + signature);
    make.refuse("a token without alg", signingInput(R"({"typ":"JWT"})", claims) + signature);
}

// The public key is known to everybody (CVE-2015-9235, CVE-2026-34950): each spelling of it as an HMAC secret.
void publicKeyAsSecret(ClassMaker& make, const std::string& algorithm) {
    const SigningKey& key = make.issuer().key(algorithm);
    const std::string pem = key.publicPem();
    std::string windows = pem;
    for (std::size_t at = windows.find('\n'); at != std::string::npos; at = windows.find('\n', at + 2))
        windows.replace(at, 1, "\r\n");
    const Json jwk = key.jwk(), named = make.issuer().keySet().at("keys").at(0);
    for (const std::string& secret : {pem, pem.substr(0, pem.size() - 1), " " + pem, windows, key.publicDer(),
                                      jwk.dump(), named.dump(), std::string()})
        for (const char* mac : {"HS256", "HS384", "HS512"}) {
            Json header = make.issuer().header(algorithm);
            header["alg"] = mac;
            const std::string input = signingInput(header.dump(), make.issuer().claims().dump());
            make.refuse("a token whose secret is the public key (algorithm confusion)",
                        compact(input, macOf(mac, secret, input)));
        }
}

bool isListed(const KitIssuer& issuer, const std::string& algorithm) {
    const auto& all = issuer.algorithms();
    return std::find(all.begin(), all.end(), algorithm) != all.end();
}

// Rightly signed with the right key, but with an algorithm that was not asked for.
void notAskedFor(ClassMaker& make, const std::string& algorithm) {
    const bool isRsa = algorithm[0] == 'R' || algorithm[0] == 'P';
    for (const char* other : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}) {
        if (!isRsa || isListed(make.issuer(), other)) continue;
        Json header = make.issuer().header(algorithm);
        header["alg"] = other;
        const std::string input = signingInput(header.dump(), make.issuer().claims().dump());
        make.refuse(std::string("a token signed with ") + other + ", which the key is not for",
                    compact(input, make.issuer().key(algorithm).signature(other, input)));
    }
}

void misnamed(ClassMaker& make, const std::string& algorithm) {
    for (const char* name : {"rs256", "RS256 ", "HS256", "ES256", "EdDSA", "RSA1_5", "dir", "A256GCM", "ES257"}) {
        if (algorithm == name) continue;
        Json header = make.issuer().header(algorithm);
        header["alg"] = name;
        make.refuse("a token that names another algorithm than it was signed with",
                    make.issuer().signText(header.dump(), make.issuer().claims().dump(), algorithm));
    }
}

} // namespace

TokenClass wrongAlgorithms(const KitIssuer& issuer) {
    ClassMaker make(issuer, "algorithm", "RFC 8725 sections 3.1 and 3.2");
    noneAtAll(make);
    for (const std::string& algorithm : issuer.algorithms()) {
        misnamed(make, algorithm);
        if (isSymmetric(algorithm)) continue;
        publicKeyAsSecret(make, algorithm);
        notAskedFor(make, algorithm);
    }
    return make.done();
}

} // namespace gatehouse::kit
