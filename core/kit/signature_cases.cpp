// Signatures that are broken, or made with another key.
#include <array>

#include "kit/token_class.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// One letter of the text is another one.
std::string flipped(std::string text, std::size_t at) {
    text[at] = letters[(letters.find(text[at]) + 1) % letters.size()];
    return text;
}

// `count` places of the token between `from` and `to`, one letter changed in each.
void flips(ClassMaker& make, const std::string& token, std::size_t from, std::size_t to, const std::string& part) {
    constexpr std::size_t count = 24;
    const std::size_t length = to - from;
    for (std::size_t i = 0; i < count && i < length; ++i)
        make.refuse("a token with one letter of its " + part + " changed", flipped(token, from + i * length / count));
}

void cuts(ClassMaker& make, const std::string& token, std::size_t signature) {
    make.refuse("a token without its signature", token.substr(0, signature));
    make.refuse("a token without its signature and its dot", token.substr(0, signature - 1));
    for (const std::size_t cut : {1U, 2U, 4U, 8U, 16U}) {
        make.refuse("a token whose signature is cut short", token.substr(0, token.size() - cut));
        make.refuse("a token whose signature is longer", token + std::string(cut, 'A'));
    }
    for (const std::size_t length : {1U, 16U, 32U, 64U, 86U, 342U})
        make.refuse("a token with zeros for a signature", token.substr(0, signature) + std::string(length, 'A'));
}

// What follows the last letter's own bits: a second spelling of the same bytes (RFC 4648 section 3.5).
void secondSpelling(ClassMaker& make, const std::string& token, std::size_t signature) {
    const std::size_t spare = (token.size() - signature) % 4;
    if (spare < 2) return;
    std::string other = token;
    other.back() = letters[letters.find(other.back()) ^ 1U];
    make.refuse("a token whose signature has a second spelling", other);
}

void ofOthers(ClassMaker& make, const std::string& algorithm) {
    const KitIssuer& issuer = make.issuer();
    const std::string input = signingInput(issuer.header(algorithm).dump(), issuer.claims().dump());
    const std::string other = issuer.sign(issuer.header(algorithm), issuer.claims());
    make.refuse("a token with the signature of another", input + other.substr(other.rfind('.')));
    if (isSymmetric(algorithm)) {
        make.refuse("a token made with another secret",
                    compact(input, macOf(algorithm, "another-secret-of-the-right-length-0123456789abcdef0123456789abc",
                                         input)));
        make.refuse("a token made with an empty secret", compact(input, macOf(algorithm, "", input)));
        return;
    }
    const SigningKey key = SigningKey::forAlgorithm(algorithm);
    make.refuse("a token signed by another key", compact(input, key.signature(algorithm, input)));
    make.refuse("a token that signs its own text backwards",
                compact(input, issuer.signatureOf(algorithm, std::string(input.rbegin(), input.rend()))));
}

// RFC 7518 section 3.4: r and s side by side, each in (0, n); CVE-2022-21449.
void ofCurves(ClassMaker& make, const std::string& algorithm) {
    const SigningKey& key = make.issuer().key(algorithm);
    const auto width = static_cast<std::size_t>(key.coordinateBytes());
    const std::string input = signingInput(make.issuer().header(algorithm).dump(), make.issuer().claims().dump());
    const std::string good = key.signature(algorithm, input);
    const std::string zero(width, '\0'), full(width, '\xff');
    const std::string r = good.substr(0, width), s = good.substr(width);
    for (const auto& [first, second] : std::initializer_list<std::pair<std::string, std::string>>{
             {zero, zero}, {zero, s}, {r, zero}, {full, full}, {r, full}, {s, r}})
        make.refuse("a token whose ECDSA numbers are out of range or exchanged", compact(input, first + second));
    make.refuse("a token whose ECDSA signature is DER", compact(input, key.rawSignature(algorithm, input)));
}

void ofRsa(ClassMaker& make, const std::string& algorithm) {
    const SigningKey& key = make.issuer().key(algorithm);
    const std::string input = signingInput(make.issuer().header(algorithm).dump(), make.issuer().claims().dump());
    const std::string good = key.signature(algorithm, input);
    make.refuse("a token whose RSA signature has a zero before it", compact(input, std::string(1, '\0') + good));
    make.refuse("a token whose RSA signature is the number 1",
                compact(input, std::string(good.size() - 1, '\0') + '\1'));
    make.refuse("a token whose RSA signature is the modulus", compact(input, key.number("n")));
    const std::string other = algorithm[0] == 'P' ? "RS256" : "PS256";
    make.refuse("a token signed with the other RSA padding", compact(input, key.signature(other, input)));
}

void inAlgorithm(ClassMaker& make, const std::string& algorithm) {
    const std::string token = make.issuer().sign(make.issuer().header(algorithm), make.issuer().claims());
    const std::size_t payload = token.find('.') + 1, signature = token.rfind('.') + 1;
    flips(make, token, 0, payload - 1, "header");
    flips(make, token, payload, signature - 1, "payload");
    flips(make, token, signature, token.size() - 1, "signature"); // the last letter has a class of its own
    cuts(make, token, signature);
    secondSpelling(make, token, signature);
    ofOthers(make, algorithm);
    if (algorithm.substr(0, 2) == "ES") ofCurves(make, algorithm);
    if (algorithm[0] == 'R' || algorithm[0] == 'P') ofRsa(make, algorithm);
}

} // namespace

TokenClass wrongSignatures(const KitIssuer& issuer) {
    ClassMaker make(issuer, "signature", "RFC 7515 section 5.2");
    for (const std::string& algorithm : issuer.algorithms()) inAlgorithm(make, algorithm);
    return make.done();
}

} // namespace gatehouse::kit
