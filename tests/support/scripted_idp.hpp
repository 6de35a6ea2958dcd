// An OpenID provider in memory: its metadata, keys and token endpoint, as a Fetch sees them. A test changes what it
// says.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/json.hpp>

#include "kit/signing_key.hpp"

namespace gatehouse::test {

inline std::string queryValue(const std::string& url, const std::string& name) {
    const std::size_t at = url.find((url.find("?" + name + "=") == std::string::npos ? "&" : "?") + name + "=");
    if (at == std::string::npos) return {};
    const std::size_t from = at + name.size() + 2;
    return url.substr(from, std::min(url.find('&', from), url.size()) - from);
}

struct ScriptedIdp {
    explicit ScriptedIdp(WallTime time) : now(time) {}

    FetchResult fetch(const FetchRequest& request) {
        asked.push_back(request);
        if (isDown) return FetchFault{"no route"};
        if (request.url == issuer + "/.well-known/openid-configuration") return FetchAnswer{200, metadata.dump(), ""};
        if (request.url == issuer + "/keys")
            return FetchAnswer{200, Json({{"keys", {key.jwk({{"kid", "1"}, {"alg", "ES256"}})}}}).dump(), ""};
        if (request.url == issuer + "/userinfo") return FetchAnswer{200, userInfo.dump(), ""};
        if (request.url != issuer + "/token") return FetchAnswer{404, "{}", ""};
        return FetchAnswer{tokenStatus, Json({{"id_token", idToken()}, {"access_token", "x"}}).dump(), ""};
    }
    std::string idToken() const {
        const std::string input = kit::signingInput(Json({{"alg", algorithm}, {"kid", "1"}}).dump(), claims.dump());
        return kit::compact(input, algorithm == "none" ? "" : signer.signature("ES256", input));
    }
    // What the browser brings back after it was sent to `url`.
    std::string comeBack(const std::string& url) {
        claims["nonce"] = queryValue(url, "nonce");
        return "code=the-code&state=" + queryValue(url, "state") + "&iss=https%3A%2F%2Fidp.example";
    }
    const FetchRequest& tokenRequest() const {
        for (const FetchRequest& request : asked)
            if (request.url == issuer + "/token") return request;
        throw std::logic_error("the token endpoint was not asked");
    }
    bool redeemed() const {
        return std::any_of(asked.begin(), asked.end(), [&](const auto& one) { return one.url == issuer + "/token"; });
    }

    const std::string issuer = "https://idp.example";
    WallTime now;
    kit::SigningKey key = kit::SigningKey::forAlgorithm("ES256");
    kit::SigningKey signer = key;
    std::string algorithm = "ES256";
    Json metadata{{"issuer", issuer},
                  {"authorization_endpoint", issuer + "/authorize"},
                  {"token_endpoint", issuer + "/token"},
                  {"jwks_uri", issuer + "/keys"},
                  {"authorization_response_iss_parameter_supported", true}};
    Json claims{{"iss", issuer},
                {"sub", "alice"},
                {"aud", "gatehouse"},
                {"name", "Alice Example"},
                {"iat", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()},
                {"exp", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() + 300}};
    Json userInfo = Json::object();
    int tokenStatus = 200;
    bool isDown = false;
    std::vector<FetchRequest> asked;
};

} // namespace gatehouse::test
