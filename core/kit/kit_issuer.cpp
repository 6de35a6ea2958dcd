#include "kit/kit_issuer.hpp"

#include <chrono>

#include "base/random.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t secretBytes = 48; // 64 letters
constexpr std::int64_t goodFor = 600;

std::int64_t nowSeconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace

bool isSymmetric(const std::string& algorithm) { return algorithm.rfind("HS", 0) == 0; }

KitIssuer::KitIssuer(IssuerTerms terms) : terms_(std::move(terms)), secret_(randomBase64Url(secretBytes, false)) {
    for (const std::string& algorithm : terms_.algorithms) {
        if (isSymmetric(algorithm)) continue;
        const auto& key = keys_.emplace(algorithm, terms_.makeKey(algorithm)).first->second;
        published_.push_back(key.jwk({{"kid", "kit-" + algorithm + "-0"}, {"alg", algorithm}, {"use", "sig"}}));
    }
}

const SigningKey& KitIssuer::stranger() const {
    std::call_once(strangerIsMade_, [this] { stranger_ = terms_.makeKey("RS256"); });
    return *stranger_;
}

Json KitIssuer::header(const std::string& algorithm) const {
    Json header{{"alg", algorithm}, {"typ", "JWT"}};
    const int generation = algorithm == firstAlgorithm() ? generation_ : 0;
    if (!isSymmetric(algorithm)) header["kid"] = "kit-" + algorithm + "-" + std::to_string(generation);
    return header;
}

Json KitIssuer::claims() const {
    const std::int64_t now = nowSeconds();
    return {{"iss", terms_.url},      {"sub", "kit-user"},
            {"aud", terms_.audience}, {"iat", now},
            {"exp", now + goodFor},   {"client_id", "kit-client"},
            {"scope", "mcp:access"},  {"jti", randomBase64Url(12, false)}};
}

std::string KitIssuer::signatureOf(const std::string& algorithm, const std::string& input) const {
    return isSymmetric(algorithm) ? macOf(algorithm, secret_, input) : key(algorithm).signature(algorithm, input);
}

std::string KitIssuer::signText(const std::string& header, const std::string& payload,
                                const std::string& algorithm) const {
    const std::string input = signingInput(header, payload);
    return compact(input, signatureOf(algorithm, input));
}

std::string KitIssuer::sign(const Json& header, const Json& claims) const {
    return signText(header.dump(), claims.dump(), header.at("alg"));
}

std::string KitIssuer::goodToken() const { return sign(header(firstAlgorithm()), claims()); }

std::string KitIssuer::goodTokenOf(const std::string& subject) const {
    Json named = claims();
    named["sub"] = subject;
    return sign(header(firstAlgorithm()), named);
}

Json KitIssuer::keySet() const { return {{"keys", published_}}; }

std::string KitIssuer::publicPem() const {
    for (const std::string& algorithm : terms_.algorithms)
        if (!isSymmetric(algorithm)) return key(algorithm).publicPem();
    return {};
}

void KitIssuer::rotate() {
    const std::string& algorithm = firstAlgorithm();
    if (isSymmetric(algorithm)) return;
    ++generation_;
    keys_.at(algorithm) = terms_.makeKey(algorithm);
    published_.push_back(
        keys_.at(algorithm).jwk({{"kid", header(algorithm).at("kid")}, {"alg", algorithm}, {"use", "sig"}}));
}

} // namespace gatehouse::kit
