#include "admin/oidc_sign_in.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/base64.hpp>

#include "base/digest.hpp"
#include "support/scripted_idp.hpp"
#include "support/turnable_clock.hpp"

using namespace gatehouse;
using namespace gatehouse::admin;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct Site {
    explicit Site(SignInOptions given = {}) : options(std::move(given)) {}
    SignedIn signIn() {
        const auto begun = signer.begin();
        const std::string query = idp.comeBack(begun.url);
        if (change) change(*this);
        return signer.finish(query, begun.cookie);
    }
    std::string codeOf() {
        try {
            signIn();
            return "signed in";
        } catch (const SignInError& fault) {
            return fault.code;
        }
    }
    TurnableClock clock;
    ScriptedIdp idp{clock.wall()};
    SignInOptions options;
    std::function<void(Site&)> change; // between there and back
    OidcSignIn signer{[this] {
                          SignInOptions out = options;
                          out.issuer = idp.issuer;
                          out.clientId = "gatehouse";
                          out.callbackUrl = "https://mcp.example/admin/callback";
                          return out;
                      }(),
                      [this](const FetchRequest& request) { return idp.fetch(request); }, clock};
};

std::string s256(const std::string& verifier) {
    const Sha256 digest = sha256(verifier);
    return base64Url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace

TEST_CASE("who signs in is owner by issuer and subject, with a name for people") {
    Site site;
    const SignedIn who = site.signIn();
    CHECK(who.owner == "https://idp.example#alice");
    CHECK(who.name == "Alice Example");
}

TEST_CASE("the browser is sent with a challenge of PKCE, and the code is redeemed with what it was made of") {
    Site site({.clientSecret = "s3cret/+"});
    const auto begun = site.signer.begin();
    CHECK(begun.url.rfind("https://idp.example/authorize?", 0) == 0);
    CHECK(queryValue(begun.url, "response_type") == "code");
    CHECK(queryValue(begun.url, "code_challenge_method") == "S256");
    CHECK(queryValue(begun.url, "redirect_uri") == "https%3A%2F%2Fmcp.example%2Fadmin%2Fcallback");
    site.signer.finish(site.idp.comeBack(begun.url), begun.cookie);
    const FetchRequest& asked = site.idp.tokenRequest();
    CHECK(s256(queryValue("?" + asked.body, "code_verifier")) == queryValue(begun.url, "code_challenge"));
    CHECK(queryValue("?" + asked.body, "code") == "the-code");
    CHECK(asked.body.find("s3cret") == std::string::npos);
    CHECK(std::find(asked.headers.begin(), asked.headers.end(),
                    std::pair<std::string, std::string>(
                        "Authorization", "Basic " + base64("gatehouse:s3cret%2F%2B"))) != asked.headers.end());
    CHECK(begun.cookie.find(queryValue("?" + asked.body, "code_verifier")) == std::string::npos); // sealed
}

TEST_CASE("the secret goes into the form where the provider wants it there alone; without one the client is public") {
    Site posting({.clientSecret = "s3cret"});
    posting.idp.metadata["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
    posting.signIn();
    CHECK(queryValue("?" + posting.idp.tokenRequest().body, "client_secret") == "s3cret");
    Site open;
    open.signIn();
    CHECK(queryValue("?" + open.idp.tokenRequest().body, "client_id") == "gatehouse");
    CHECK(open.idp.tokenRequest().body.find("client_secret") == std::string::npos);
}

// Each a token that another client, provider, key or time made.
TEST_CASE("an ID token that is not for this sign-in signs nobody in") {
    struct Row {
        const char* what;
        std::function<void(Site&)> change;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"another issuer", [](Site& site) { site.idp.claims["iss"] = "https://other.example"; }},
             {"another audience", [](Site& site) { site.idp.claims["aud"] = "other"; }},
             {"no audience", [](Site& site) { site.idp.claims.erase("aud"); }},
             {"two audiences without azp",
              [](Site& site) {
                  site.idp.claims["aud"] = {"gatehouse", "other"};
              }},
             {"another azp", [](Site& site) { site.idp.claims["azp"] = "other"; }},
             {"expired", [](Site& site) { site.clock.turn(400s); }},
             {"no expiry", [](Site& site) { site.idp.claims.erase("exp"); }},
             {"from the future", [](Site& site) { site.idp.claims["iat"] = site.idp.claims["exp"]; }},
             {"another nonce", [](Site& site) { site.idp.claims["nonce"] = "other"; }},
             {"no nonce", [](Site& site) { site.idp.claims.erase("nonce"); }},
             {"no subject", [](Site& site) { site.idp.claims.erase("sub"); }},
             {"another key", [](Site& site) { site.idp.signer = kit::SigningKey::forAlgorithm("ES256"); }},
             {"no signature", [](Site& site) { site.idp.algorithm = "none"; }},
             {"the token endpoint refuses", [](Site& site) { site.idp.tokenStatus = 400; }}}) {
        DYNAMIC_SECTION(row.what) {
            Site site;
            site.change = row.change;
            CHECK(site.codeOf() == "provider_refused");
        }
    }
    Site right;
    right.change = [](Site& site) {
        site.idp.claims["aud"] = {"gatehouse", "other"}, site.idp.claims["azp"] = "gatehouse";
    };
    CHECK(right.codeOf() == "signed in");
}

TEST_CASE(
    "an answer counts in the browser that began, once its state is right, and for ten minutes; else no code is "
    "redeemed") {
    Site site;
    const auto begun = site.signer.begin(), other = site.signer.begin();
    const std::string query = site.idp.comeBack(begun.url);
    const auto codeOf = [&](const std::string& answer, const std::string& cookie) {
        try {
            site.signer.finish(answer, cookie);
            return std::string("signed in");
        } catch (const SignInError& fault) {
            return fault.code;
        }
    };
    CHECK(codeOf(query, other.cookie) == "expired");
    CHECK(codeOf(query, "") == "expired");
    CHECK(codeOf(query, begun.cookie + "x") == "expired");
    CHECK(codeOf("code=x&state=made-up", begun.cookie) == "expired");
    CHECK(codeOf("error=access_denied&iss=https%3A%2F%2Fidp.example&state=" + queryValue(begun.url, "state"),
                 begun.cookie) == "denied");
    CHECK(codeOf("code=x&state=" + queryValue(begun.url, "state"), begun.cookie) ==
          "provider_refused"); // no iss (RFC 9207)
    CHECK(codeOf("code=x&iss=https%3A%2F%2Fevil.example&state=" + queryValue(begun.url, "state"), begun.cookie) ==
          "provider_refused");
    CHECK(codeOf(query + "&code=again", begun.cookie) == "malformed");
    CHECK_FALSE(site.idp.redeemed());
    site.clock.turn(OidcSignIn::lasts);
    CHECK(codeOf(query, begun.cookie) == "expired");
}

TEST_CASE("only those whose claims are allowed are let in; an email only when it was verified") {
    Site groups({.allow = {{"groups", {"mcp-users", "admins"}}, {"hd", {"example.com"}}}});
    CHECK(groups.codeOf() == "not_allowed");
    groups.idp.claims["groups"] = {"staff", "admins"};
    CHECK(groups.codeOf() == "not_allowed"); // every claim that is named
    groups.idp.claims["hd"] = "example.com";
    CHECK(groups.codeOf() == "signed in");
    Site email({.allow = {{"email", {"a@example.com"}}}});
    email.idp.claims["email"] = "a@example.com";
    email.idp.claims["email_verified"] = false;
    CHECK(email.codeOf() == "not_allowed");
    email.idp.claims["email_verified"] = true;
    CHECK(email.codeOf() == "signed in");
}

TEST_CASE("a claim that the ID token lacks may come from the userinfo, of the same subject") {
    Site site({.allow = {{"groups", {"platform"}}}});
    site.idp.metadata["userinfo_endpoint"] = site.idp.issuer + "/userinfo";
    site.idp.userInfo = {{"sub", "bob"}, {"groups", {"platform"}}};
    CHECK(site.codeOf() == "provider_refused");
    site.idp.userInfo["sub"] = "alice";
    CHECK(site.codeOf() == "signed in");
    site.idp.claims["groups"] = {"guests"}; // what is signed goes before
    CHECK(site.codeOf() == "not_allowed");
}

TEST_CASE("metadata of another issuer choose no keys, and a provider that is down is told as such") {
    Site site;
    site.idp.metadata["issuer"] = "https://other.example";
    CHECK(site.codeOf() == "provider_refused");
    site.idp.isDown = true;
    CHECK(site.codeOf() == "provider_down");
    site.idp.isDown = false;
    site.idp.metadata["issuer"] = site.idp.issuer;
    CHECK(site.codeOf() == "signed in");
}

TEST_CASE("endpoints of another origin than the issuer are asked on the public internet alone") {
    Site site;
    site.idp.metadata["jwks_uri"] = "https://keys.example/keys";
    CHECK(site.codeOf() == "provider_down");
    CHECK(site.idp.asked.back().publicOnly);
    CHECK_FALSE(site.idp.tokenRequest().publicOnly);
}

TEST_CASE("where anybody can get an account is known") {
    for (const char* issuer : {"https://accounts.google.com", "https://login.microsoftonline.com/common/v2.0",
                               "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"})
        CHECK(isOpenToAnybody(issuer));
    for (const char* issuer : {"https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
                               "https://idp.example", "https://accounts.google.com.example"})
        CHECK_FALSE(isOpenToAnybody(issuer));
}
