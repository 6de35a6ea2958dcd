// OidcSignIn: signing in to the page at an OpenID provider, with the authorization code and PKCE (OpenID Connect
// Core 1.0 section 3.1, RFC 7636, RFC 9207).
//
// begin() sends the browser to the provider, and gives it a cookie that holds what finish() needs: sealed, for ten
// minutes, so nothing is kept here and a flood of beginnings shuts nobody out. The provider's answer counts only in the
// browser that began.
// Threads: any. begin() and finish() block on the provider.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/json.hpp>

#include "base/clock.hpp"
#include "base/sealed_text.hpp"

namespace gatehouse::admin {

struct SignInOptions {
    std::string issuer;
    std::string clientId;
    std::string clientSecret;                              // empty: a public client, which PKCE alone protects
    std::map<std::string, std::vector<std::string>> allow; // each claim must have one of its values; empty: everybody
    std::string callbackUrl;                               // the provider sends the browser back to it
};

// Why nobody was signed in. `code`: in one word, for the page; what(): for the log.
class SignInError : public std::runtime_error {
public:
    SignInError(std::string signInCode, const std::string& words)
        : std::runtime_error(words), code(std::move(signInCode)) {}
    const std::string code;
};

struct SignedIn {
    std::string owner; // of what is made there: issuer and subject
    std::string name;  // for people
};

class OidcSignIn {
public:
    static constexpr std::chrono::minutes lasts{10};        // from the beginning to the answer
    static constexpr std::chrono::hours metadataKept{1};    // of the provider
    static constexpr std::chrono::seconds clocksDiffer{30}; // at most
    using Fetch = std::function<FetchResult(const FetchRequest&)>;

    OidcSignIn(SignInOptions options, Fetch fetch, const Clock& clock);

    struct Begun {
        std::string url;    // at the provider
        std::string cookie; // for the browser, until it is back
    };
    Begun begin(); // throws SignInError
    // `query`: of the callback. Throws SignInError.
    SignedIn finish(const std::string& query, const std::string& cookie);

    const std::string& issuer() const { return options_.issuer; }

private:
    struct Metadata {
        std::string authorization, token, keys; // endpoints
        std::string userInfo;                   // empty: it has none
        bool namesIssuer = false;               // its answers do (RFC 9207)
        bool postsSecret = false;               // it takes the secret in the form alone
        SteadyTime fetched{};
    };
    struct Attempt;
    Metadata metadata();
    Metadata fetchMetadata() const;
    Json object(const FetchRequest& request, const char* what) const;
    FetchRequest requestTo(const std::string& url) const;
    Attempt attemptIn(const std::string& cookie) const;
    std::string codeIn(const std::string& query, const Attempt& attempt, const Metadata& provider) const;
    Json redeem(const std::string& code, const Attempt& attempt, const Metadata& provider) const;
    void addUserInfo(Json& claims, const Json& answer, const Metadata& provider) const;
    Json claimsOf(const std::string& idToken, const Attempt& attempt, const Metadata& provider) const;
    void mustBeOurs(const Json& claims, const Attempt& attempt) const;
    void mustBeAllowed(const Json& claims) const;

    const SignInOptions options_;
    const Fetch fetch_;
    const Clock& clock_;
    const Sealer sealer_;
    std::mutex mutex_; // guards the metadata
    std::optional<Metadata> metadata_;
};

// Anybody can get an account there: who may sign in has to be said.
bool isOpenToAnybody(const std::string& issuer);

} // namespace gatehouse::admin
