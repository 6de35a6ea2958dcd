#include <gatehouse/jose/access_token.hpp>

#include <catch2/catch.hpp>

#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

using Reason = Rejected::Reason;

constexpr std::int64_t nowSeconds = 1'732'000'000; // 2024-11-19T07:06:40Z
const WallTime now{std::chrono::seconds(nowSeconds)};
const std::string issuer = "https://id.example.com", us = "https://mcp.example.com/mcp";

AccessTokenRules rules() {
    AccessTokenRules out;
    out.algorithms = {Algorithm::ES256};
    out.claims.issuers = {issuer};
    out.claims.audiences = {us};
    return out;
}
Json good(const Json& more = Json::object()) {
    Json claims = {{"iss", issuer}, {"aud", us}, {"sub", "anna"}, {"azp", "app"}, {"jti", "7"}, {"scope", "read"}};
    claims["exp"] = nowSeconds + 300;
    claims.update(more);
    return claims;
}
std::string token(const Json& claims, const Json& more = Json::object()) {
    Json header = {{"alg", "ES256"}, {"kid", "k"}};
    header.update(more);
    return mint(header, claims);
}

RemoteKeySet::Answer ourKeys(const std::string& /*keyId*/) {
    const auto make = [] {
        return std::get<KeySet>(KeySet::fromJson(keyFor("ES256").jwk({{"kid", "k"}}).dump(), KeySet::Origin::own));
    };
    static const auto set = std::make_shared<const KeySet>(make());
    return set;
}
RemoteKeySet::Answer noKeys(const std::string& /*keyId*/) { return Unavailable{"the provider is down", 7s}; }

Verdict judged(const std::string& text, std::vector<TokenCheck>* told = nullptr, const AccessTokenRules& by = rules()) {
    return judgeAccessToken(text, ourKeys, by, now, told);
}
Rejected refused(const Verdict& verdict) {
    REQUIRE(std::holds_alternative<Rejected>(verdict));
    return std::get<Rejected>(verdict);
}
std::string badlySigned() {
    const std::string own = token(good()), others = token(good({{"sub", "eve"}}));
    return own.substr(0, own.rfind('.')) + others.substr(others.rfind('.'));
}

// The checks that were told, "-" before those that failed.
std::string names(const std::vector<TokenCheck>& told) {
    std::string out;
    for (const TokenCheck& check : told) out += (check.passed ? "" : "-") + check.rule + " ";
    return out;
}

} // namespace

TEST_CASE("a good token says whom it stands for, and may be kept until it expires") {
    AccessTokenRules by = rules();
    by.requiredScopes = {"mcp"};
    const Json claims = good({{"more", {1, 2}}});
    const Verdict verdict = judged(token(claims), nullptr, by);
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    const auto& yes = std::get<Accepted>(verdict);
    CHECK(yes.identity.issuer == issuer);
    CHECK(yes.identity.subject == "anna");
    CHECK(yes.identity.clientId == "app");
    CHECK(yes.identity.tokenId == "7");
    CHECK(yes.identity.scopes == std::vector<std::string>{"read"});
    CHECK(yes.identity.claimsJson == claims.dump());
    CHECK_FALSE(yes.identity.isolationKey.empty());
    CHECK(yes.requiredScopes == by.requiredScopes);
}

TEST_CASE("J19 an accept is kept no longer than the token would be taken") {
    const Verdict verdict = judged(token(good()));
    const auto& yes = std::get<Accepted>(verdict);
    CHECK_FALSE(yes.cache.isNever());
    CHECK(yes.cache.time() == CachePolicy::unlimited); // the host ends it with the identity
    CHECK(yes.identity.expiresAt == now + 300s + 10s);
    const auto later = [&](WallTime then) { return judgeAccessToken(token(good()), ourKeys, rules(), then); };
    CHECK(std::holds_alternative<Accepted>(later(yes.identity.expiresAt - 1ms)));
    CHECK(refused(later(yes.identity.expiresAt)).reason == Reason::expired);
}

TEST_CASE("each refusal has its reason, and is kept for as long as it holds") {
    struct Row {
        const char* what;
        std::string token;
        Reason reason;
        bool kept;
    };
    const std::string encrypted = base64Url(R"({"alg":"dir","enc":"A128GCM"})") + "..AA.AA.AA";
    for (const Row& row : std::initializer_list<Row>{
             {"an opaque token", "gho_16C7e42F292c6912E7710c838347Ae178B4a", Reason::notMine, true},
             {"nothing", "", Reason::notMine, true},
             {"dots", "..", Reason::notMine, true},
             {"a JWE", encrypted, Reason::notMine, true},
             {"another issuer's", token(good({{"iss", "https://other"}})), Reason::notMine, true},
             {"another issuer's, badly signed", token(good({{"iss", "https://other"}})) + "A", Reason::notMine, true},
             {"alg none", signingInput(R"({"alg":"none"})", good().dump()) + ".", Reason::malformed, true},
             {"an algorithm that is not allowed", mint({{"alg", "PS256"}, {"kid", "k"}}, good()), Reason::malformed,
              true},
             {"crit", token(good(), {{"crit", {"exp"}}}), Reason::malformed, true},
             {"a token within a token", token(good(), {{"cty", "JWT"}}), Reason::malformed, true},
             {"an ID token", token(good({{"typ", "ID"}})), Reason::malformed, true},
             {"no issuer", token(good({{"iss", nullptr}})), Reason::malformed, true},
             {"a signature of others", badlySigned(), Reason::badSignature, true},
             {"an unknown key", token(good(), {{"kid", "new"}}), Reason::badSignature, false},
             {"expired", token(good({{"exp", nowSeconds - 11}})), Reason::expired, true},
             {"for others", token(good({{"aud", "https://other"}})), Reason::wrongAudience, true},
             {"not yet valid", token(good({{"nbf", nowSeconds + 11}})), Reason::forbidden, false}}) {
        DYNAMIC_SECTION(row.what) {
            const Rejected no = refused(judged(row.token));
            CHECK(no.reason == row.reason);
            CHECK_FALSE(no.detail.empty());
            CHECK(no.neededScopes.empty());
            CHECK(no.cache.time() == (row.kept ? 60s : 0s));
            std::vector<TokenCheck> told;
            CHECK(refused(judged(row.token, &told)).reason == row.reason); // who is told gets the same answer
            CHECK(names(told).find('-') != std::string::npos);
        }
    }
}

TEST_CASE("a token of a key that is not known yet is not refused for a while: its key may come the next moment") {
    const std::string fresh = token(good(), {{"kid", "new"}});
    CHECK(refused(judged(fresh)).cache.isNever());
    const auto rotated = [](const std::string& /*keyId*/) -> RemoteKeySet::Answer {
        const Json jwk = keyFor("ES256").jwk({{"kid", "new"}});
        return std::make_shared<const KeySet>(
            std::get<KeySet>(KeySet::fromJson(jwk.dump(), KeySet::Origin::published)));
    };
    CHECK(std::holds_alternative<Accepted>(judgeAccessToken(fresh, rotated, rules(), now)));
}

TEST_CASE("J11 a token within a token is refused") {
    const std::string inner = token(good());
    CHECK(refused(judged(mintText(R"({"alg":"ES256","cty":"JWT"})", inner, "ES256"))).reason == Reason::malformed);
    CHECK(refused(judged(mintText(R"({"alg":"ES256"})", inner, "ES256"))).reason == Reason::malformed);
    CHECK(refused(judged(token(good(), {{"cty", "JWT"}}))).reason == Reason::malformed);
}

TEST_CASE("J07 claims with a member twice, or that are no object, are refused") {
    const std::string begin = R"({"iss":")" + issuer + R"(","aud":")" + us + R"(","exp":1732000300,"sub":"anna")";
    const auto reasonOf = [](const std::string& claims) {
        return refused(judged(mintText(R"({"alg":"ES256"})", claims, "ES256"))).reason;
    };
    CHECK(std::holds_alternative<Accepted>(judged(mintText(R"({"alg":"ES256"})", begin + "}", "ES256"))));
    for (const std::string& claims :
         {begin + R"(,"sub":"root"})", begin + R"(,"s\u0075b":"root"})", begin + R"(,"a":{"b":1,"b":2}})", begin + "}}",
          "[" + begin + "}]", std::string("null"), std::string(), begin + R"(,"n":1e400})", begin + "}" + '\0' + "{}"})
        CHECK(reasonOf(claims) == Reason::malformed);
}

TEST_CASE("J13 a time that no number can hold is refused") {
    const std::string begin = R"({"iss":")" + issuer + R"(","aud":")" + us + R"(","sub":"anna","exp":)";
    for (const char* exp :
         {"1e400", "-1e400", "NaN", "Infinity", "\"1732000300\"", "null", "9223372036854775808", "1e18"})
        CHECK(refused(judged(mintText(R"({"alg":"ES256"})", begin + exp + "}", "ES256"))).reason == Reason::malformed);
}

TEST_CASE("J17 a client, token id or scope of another type is refused, not guessed") {
    for (const Json& odd : {Json{{"azp", {"app"}}}, Json{{"azp", 5}}, Json{{"jti", 7}}, Json{{"scope", {"read", 5}}},
                            Json{{"scope", {{"admin", true}}}}, Json{{"scope", 1}}}) {
        const Rejected no = refused(judged(token(good(odd))));
        CHECK(no.reason == Reason::malformed);
        CHECK(no.detail == "shape: " + odd.begin().key() + " is not of its type");
    }
    // D03: of several claims for scopes those are used that can be; null is as absent.
    for (const Json& other : {Json{{"scopes", {{"permissions", {"a"}}}}}, Json{{"scp", 1}}, Json{{"scp", {"admin", 5}}},
                              Json{{"scopes", nullptr}}, Json{{"azp", nullptr}, {"client_id", "app"}}}) {
        const Verdict verdict = judged(token(good(other)));
        REQUIRE(std::holds_alternative<Accepted>(verdict));
        CHECK(std::get<Accepted>(verdict).identity.scopes == std::vector<std::string>{"read"});
        CHECK(std::get<Accepted>(verdict).identity.clientId == "app");
    }
    const Verdict none = judged(token(good({{"scope", nullptr}})));
    CHECK(std::get<Accepted>(none).identity.scopes.empty());
    const Verdict list = judged(token(good({{"scope", {"b", "a"}}})));
    CHECK(std::get<Accepted>(list).identity.scopes == std::vector<std::string>{"a", "b"});
}

TEST_CASE("J06 for a token that is none of ours no key is asked for") {
    int asked = 0;
    const KeySource counting = [&](const std::string& keyId) {
        ++asked;
        return ourKeys(keyId);
    };
    for (const std::string& text : {std::string("opaque"), signingInput(R"({"alg":"none"})", "{}") + ".",
                                    token(good({{"iss", "https://other"}})), token(good(), {{"crit", {"jku"}}})})
        refused(judgeAccessToken(text, counting, rules(), now));
    CHECK(asked == 0);
    judgeAccessToken(token(good()), counting, rules(), now);
    CHECK(asked == 1);
}

TEST_CASE("without keys nothing can be said, and nothing is kept") {
    const Verdict verdict = judgeAccessToken(token(good()), noKeys, rules(), now);
    REQUIRE(std::holds_alternative<Unavailable>(verdict));
    CHECK(std::get<Unavailable>(verdict).detail == "the provider is down");
    CHECK(std::get<Unavailable>(verdict).retryAfter == 7s);
    CHECK(refused(judgeAccessToken("opaque", noKeys, rules(), now)).reason == Reason::notMine);
}

TEST_CASE("an issuer of many tenants is asked about, and then judged by the token's own") {
    AccessTokenRules many = rules();
    many.claims.issuers = {"https://login.example.com/{tenantid}/v2.0"};
    CHECK(refused(judged(token(good({{"iss", "https://login.example.com/x/v2.0"}})), nullptr, many)).reason ==
          Reason::unknown);
    CHECK(refused(judged(token(good({{"iss", ""}})), nullptr, many)).reason == Reason::unknown);
    const std::string tenant = "12345678-9abc-def0-1234-56789abcdef0";
    const Json claims = good({{"iss", "https://login.example.com/" + tenant + "/v2.0"}, {"tid", tenant}});
    CHECK(std::holds_alternative<Accepted>(judged(token(claims), nullptr, many)));
}

TEST_CASE("who asks is told every check, also those behind one that failed") {
    struct Row {
        const char* what;
        std::string token, checks;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"good", token(good()), "form signature typ use iss aud sub exp shape "},
             {"expired, for others", token(good({{"exp", 1}, {"aud", "x"}})),
              "form signature typ use iss -aud sub -exp shape "},
             {"badly signed", badlySigned(), "form -signature typ use iss aud sub exp shape "},
             {"badly signed and expired", token(good({{"exp", 1}}), {{"kid", "new"}}),
              "form -signature typ use iss aud sub -exp shape "},
             {"another issuer's", token(good({{"iss", "x"}, {"exp", 1}})), "form typ use -iss aud sub -exp shape "},
             {"an odd scope", token(good({{"scope", 5}, {"nbf", 1}})),
              "form signature typ use iss aud sub exp nbf -shape "},
             {"an opaque token", "opaque", "-form "},
             {"claims that are none", mintText(R"({"alg":"ES256"})", "[]", "ES256"), "form -claims "}}) {
        DYNAMIC_SECTION(row.what) {
            std::vector<TokenCheck> told;
            judged(row.token, &told);
            CHECK(names(told) == row.checks);
        }
    }
    std::vector<TokenCheck> told;
    judgeAccessToken(token(good({{"exp", 1}})), noKeys, rules(), now, &told);
    CHECK(names(told) == "form -key typ use iss aud sub -exp shape ");
}

TEST_CASE("a key that is published as one issuer's signs for that issuer only") {
    const std::string tenant = "11111111-2222-3333-4444-555555555555", other = "99999999-2222-3333-4444-555555555555";
    struct Row {
        const char* what;
        Json issuer;
        bool accepted;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"nothing said", nullptr, true},
                                    {"ours", "https://id.example.com/" + tenant, true},
                                    {"a template", "https://id.example.com/{tenantid}", true},
                                    {"another's", "https://id.example.com/" + other, false},
                                    {"another host's template", "https://evil.example.com/{tenantid}", false}}) {
        DYNAMIC_SECTION(row.what) {
            Json more{{"kid", "k"}};
            if (!row.issuer.is_null()) more["issuer"] = row.issuer;
            const auto set = std::make_shared<const KeySet>(
                std::get<KeySet>(KeySet::fromJson(keyFor("ES256").jwk(more).dump(), KeySet::Origin::published)));
            AccessTokenRules by = rules();
            by.claims.issuers = {"https://id.example.com/{tenantid}"};
            const std::string text = token(good({{"iss", "https://id.example.com/" + tenant}, {"tid", tenant}}));
            const Verdict verdict = judgeAccessToken(
                text, [&](const std::string&) { return set; }, by, now);
            REQUIRE(std::holds_alternative<Accepted>(verdict) == row.accepted);
            if (!row.accepted) CHECK(refused(verdict).reason == Reason::badSignature);
        }
    }
    CHECK(std::holds_alternative<KeyFault>(Key::fromJwk(keyFor("ES256").jwk({{"issuer", 5}}))));
}

TEST_CASE("D01: a key that is published for several issuers under one kid signs for each of them") {
    const auto published = [](const std::string& of) { return keyFor("ES256").jwk({{"kid", "k"}, {"issuer", of}}); };
    const Json keys{{"keys", {published("https://other.example.com"), published(issuer)}}};
    const auto set =
        std::make_shared<const KeySet>(std::get<KeySet>(KeySet::fromJson(keys.dump(), KeySet::Origin::published)));
    const Verdict verdict = judgeAccessToken(
        token(good()), [&](const std::string&) { return set; }, rules(), now);
    CHECK(std::holds_alternative<Accepted>(verdict));
}

TEST_CASE("an accepted token is kept until it ends, or for as long as a key may be gone unnoticed") {
    struct Row {
        std::optional<std::chrono::seconds> most;
        std::chrono::milliseconds kept; // the host cuts it where the identity ends
    };
    for (const Row& row :
         std::initializer_list<Row>{{std::nullopt, CachePolicy::unlimited}, {60s, 60s}, {3600s, 3600s}}) {
        AccessTokenRules by = rules();
        by.keepAccepts = row.most;
        const Verdict verdict = judged(token(good()), nullptr, by);
        REQUIRE(std::holds_alternative<Accepted>(verdict));
        CHECK(std::get<Accepted>(verdict).cache.time() == row.kept);
        CHECK(std::get<Accepted>(verdict).identity.expiresAt == now + 310s);
    }
}
