// KitIssuer: the authority whose tokens a validator under check takes: its name, its keys and its secret.
//
// Every token is made for this run with keys made for it. Times are the real ones: a validator may have its own clock.
// Threads: any for what is const.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kit/signing_key.hpp"

namespace gatehouse::kit {

// What the validator must accept for this run.
struct IssuerTerms {
    std::string url;                              // `iss`
    std::string audience;                         // `aud`, and the URL that is served
    std::vector<std::string> algorithms{"RS256"}; // what good tokens are signed with
    std::function<SigningKey(const std::string& algorithm)> makeKey = SigningKey::forAlgorithm;
};

class KitIssuer {
public:
    explicit KitIssuer(IssuerTerms terms);

    const std::string& url() const { return terms_.url; }
    const std::string& audience() const { return terms_.audience; }
    const std::vector<std::string>& algorithms() const { return terms_.algorithms; }
    const std::string& firstAlgorithm() const { return terms_.algorithms.front(); }
    const std::string& secret() const { return secret_; } // of HS algorithms; 64 bytes of base64url
    // Its key for an algorithm that is no HS one. Throws std::out_of_range for one that is not among the terms.
    const SigningKey& key(const std::string& algorithm) const { return keys_.at(algorithm); }
    const SigningKey& stranger() const; // an RSA key that no provider publishes; generated on first use, which is slow

    Json header(const std::string& algorithm) const; // alg, kid, typ
    Json claims() const; // good for ten minutes, of "kit-user", each with a `jti` of its own
    std::string sign(const Json& header, const Json& claims) const; // as the header's `alg` says
    std::string signText(const std::string& header, const std::string& payload, const std::string& algorithm) const;
    std::string signatureOf(const std::string& algorithm, const std::string& input) const;
    std::string goodToken() const; // with the first algorithm
    std::string goodTokenOf(const std::string& subject) const;

    Json keySet() const;           // RFC 7517 section 5, public halves
    std::string publicPem() const; // of the first algorithm that has a public half; empty when none has
    // From now on the first algorithm signs with a new key.
    void rotate();

private:
    const IssuerTerms terms_;
    const std::string secret_;
    mutable std::once_flag strangerIsMade_;
    mutable std::optional<SigningKey> stranger_;
    std::map<std::string, SigningKey> keys_;
    std::vector<Json> published_;
    int generation_ = 0;
};

bool isSymmetric(const std::string& algorithm);

} // namespace gatehouse::kit
