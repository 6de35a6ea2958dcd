#include <gatehouse/jose/claims.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace std::chrono_literals;

namespace {

using Reason = Rejected::Reason;

constexpr std::int64_t nowSeconds = 1'732'000'000; // 2024-11-19T07:06:40Z
const WallTime now{std::chrono::seconds(nowSeconds)};
const std::string issuer = "https://id.example.com/", us = "https://mcp.example.com/mcp";

ClaimRules rules() {
    ClaimRules out;
    out.issuers = {issuer};
    out.audiences = {us};
    return out;
}
Json good(const Json& more = Json::object()) {
    Json claims = {{"iss", issuer}, {"aud", us}, {"sub", "anna"}, {"exp", nowSeconds + 300}, {"iat", nowSeconds}};
    claims.update(more);
    return claims;
}
Json goodWithout(const char* member) {
    Json claims = good();
    claims.erase(member);
    return claims;
}

// Why it is refused; nothing when it is good.
std::optional<Reason> reasonOf(const Json& claims, const ClaimRules& by = rules(),
                               const Json& header = Json::object()) {
    const auto refusal = judgeClaims(header, claims, by, now);
    std::vector<TokenCheck> told;
    const auto again = judgeClaims(header, claims, by, now, &told); // who is told gets the same answer
    CHECK(refusal.has_value() == again.has_value());
    if (refusal) CHECK((refusal->reason == again->reason && refusal->detail == again->detail));
    return refusal ? std::optional(refusal->reason) : std::nullopt;
}

constexpr std::optional<Reason> well = std::nullopt;

} // namespace

TEST_CASE("where only access tokens have some claims, one of them has to be there") {
    ClaimRules marked = rules();
    marked.accessClaims = {"azp", "appid"};
    CHECK(reasonOf(good(), marked) == Reason::malformed);
    CHECK(reasonOf(good({{"azp", nullptr}}), marked) == Reason::malformed);
    CHECK(reasonOf(good({{"azp", "x"}}), marked) == well);
    CHECK(reasonOf(good({{"appid", "x"}}), marked) == well);
}

TEST_CASE("a token that keeps every rule is taken, and each check is told") {
    CHECK(reasonOf(good()) == well);
    std::vector<TokenCheck> told;
    CHECK_FALSE(judgeClaims({{"typ", "at+jwt"}}, good({{"nbf", nowSeconds}}), rules(), now, &told).has_value());
    std::string names;
    for (const TokenCheck& check : told) {
        names += check.rule + " ";
        CHECK(check.passed);
        CHECK_FALSE(check.detail.empty());
    }
    CHECK(names == "typ use iss aud sub exp nbf iat ");
}

TEST_CASE("all checks are told, also after one that failed; the first is the answer") {
    const Json wrong = {{"iss", "https://other"},  {"aud", 5},         {"exp", 1}, {"nbf", "x"},
                        {"iat", nowSeconds + 999}, {"token_use", "id"}};
    std::vector<TokenCheck> told;
    const auto refusal = judgeClaims({{"typ", "dpop+jwt"}}, wrong, rules(), now, &told);
    REQUIRE(refusal.has_value());
    CHECK_THAT(refusal->detail, Catch::StartsWith("typ: "));
    CHECK(told.size() == 8);
    for (const TokenCheck& check : told) CHECK_FALSE(check.passed);
}

TEST_CASE("J13 a time is a number, and exp must be there") {
    struct Row {
        const char* what;
        const char* exp; // JSON
        std::optional<Reason> reason;
    };
    for (const Row& row : std::initializer_list<Row>{{"a text", "\"1732000300\"", Reason::malformed},
                                                     {"null", "null", Reason::malformed},
                                                     {"a list", "[1732000300]", Reason::malformed},
                                                     {"true", "true", Reason::malformed},
                                                     {"an object", "{}", Reason::malformed},
                                                     {"with a fraction", "1732000300.5", well},
                                                     {"with an exponent", "1.7320003e9", well},
                                                     {"in milliseconds", "1732000300000", Reason::malformed},
                                                     {"2^53 and 1", "9007199254740993", Reason::malformed},
                                                     {"2^63", "9223372036854775808", Reason::malformed},
                                                     {"-2^63", "-9223372036854775808", Reason::malformed},
                                                     {"2^64", "18446744073709551616", Reason::malformed},
                                                     {"1e300", "1e300", Reason::malformed},
                                                     {"the last second of the year 9999", "253402300799", well},
                                                     {"one later", "253402300800", Reason::malformed},
                                                     {"0", "0", Reason::expired},
                                                     {"-1", "-1", Reason::expired},
                                                     {"a bit of a second", "1e-300", Reason::expired}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK(reasonOf(good({{"exp", Json::parse(row.exp)}})) == row.reason);
            const bool noTime = row.reason == Reason::malformed;
            for (const char* name : {"nbf", "iat"})
                CHECK((reasonOf(good({{name, Json::parse(row.exp)}})) == Reason::malformed) == noTime);
        }
    }
    CHECK(reasonOf(goodWithout("exp")) == Reason::malformed);
    CHECK(reasonOf(goodWithout("iat")) == well);
    ClaimRules lax = rules();
    lax.requiresExpiry = false;
    CHECK(reasonOf(goodWithout("exp"), lax) == well);
    CHECK(reasonOf(good({{"exp", nullptr}}), lax) == Reason::malformed);
    CHECK(reasonOf(good({{"exp", nowSeconds - 11}}), lax) == Reason::expired);
}

TEST_CASE("J13 clocks may differ by the leeway and no second more") {
    struct Row {
        std::int64_t offset;
        std::optional<Reason> exp, start;
    };
    for (const Row& row : std::initializer_list<Row>{{-11, Reason::expired, well},
                                                     {-10, Reason::expired, well},
                                                     {-9, well, well},
                                                     {0, well, well},
                                                     {9, well, well},
                                                     {10, well, well},
                                                     {11, well, Reason::forbidden}}) {
        DYNAMIC_SECTION(row.offset) {
            CHECK(reasonOf(good({{"exp", nowSeconds + row.offset}})) == row.exp);
            CHECK(reasonOf(good({{"nbf", nowSeconds + row.offset}})) == row.start);
            CHECK(reasonOf(good({{"iat", nowSeconds + row.offset}})) == row.start);
        }
    }
    ClaimRules strict = rules();
    strict.leeway = 0s;
    CHECK(reasonOf(good({{"exp", nowSeconds}}), strict) == Reason::expired);
    CHECK(reasonOf(good({{"exp", nowSeconds + 0.5}}), strict) == well);
    CHECK(reasonOf(good({{"nbf", nowSeconds + 1}}), strict) == Reason::forbidden);
    CHECK_THAT(judgeClaims({}, good({{"exp", nowSeconds - 100}}), rules(), now)->detail, Catch::Contains("100 s ago"));
}

TEST_CASE("J14 aud names this server, as a text or in a list of strings") {
    struct Row {
        const char* what;
        Json aud;
        std::optional<Reason> reason;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"a text", us, well},
                                    {"a list", Json::array({us}), well},
                                    {"among others", Json::array({"https://other", us}), well},
                                    {"an empty list", Json::array(), Reason::wrongAudience},
                                    {"a list within a list", Json::array({Json::array({us})}), Reason::malformed},
                                    {"an object", Json{{"0", us}}, Reason::malformed},
                                    {"null", nullptr, Reason::malformed},
                                    {"a number", 0, Reason::malformed},
                                    {"a list with a number in it", Json::array({us, 5}), Reason::malformed},
                                    {"a list with null in it", Json::array({nullptr, us}), Reason::malformed},
                                    {"100 entries", std::vector<std::string>(100, us), well},
                                    {"101 entries", std::vector<std::string>(101, us), Reason::malformed},
                                    {"100,000 entries", std::vector<std::string>(100'000, us), Reason::malformed},
                                    {"another", "https://other", Reason::wrongAudience},
                                    {"with a slash at its end", us + "/", Reason::wrongAudience},
                                    {"in capitals", "HTTPS://MCP.EXAMPLE.COM/MCP", Reason::wrongAudience},
                                    {"a beginning of it", us.substr(0, us.size() - 1), Reason::wrongAudience},
                                    {"it and more", us + " https://other", Reason::wrongAudience},
                                    {"with a NUL behind it", us + '\0', Reason::wrongAudience},
                                    {"empty", "", Reason::wrongAudience}}) {
        DYNAMIC_SECTION(row.what) { CHECK(reasonOf(good({{"aud", row.aud}})) == row.reason); }
    }
    CHECK(reasonOf(goodWithout("aud")) == Reason::wrongAudience);
    ClaimRules any = rules();
    any.audiences.clear();
    CHECK(reasonOf(goodWithout("aud"), any) == well);
}

TEST_CASE("an empty audience is nobody's, also where the rules hold an empty one") {
    ClaimRules empty = rules();
    empty.audiences = {""};
    for (const Json& aud : {Json(""), Json::array({""}), Json::array({"", "https://other"})})
        CHECK(reasonOf(good({{"aud", aud}}), empty) == Reason::wrongAudience);
}

TEST_CASE("J14 iss is the issuer byte for byte") {
    for (const std::string& other :
         {std::string("https://id.example.com"), issuer + "/", std::string("https://ID.example.com/"),
          std::string("http://id.example.com/"), std::string("https://id.example.com/x"),
          std::string("https://\xD1\x96"
                      "d.example.com/"), // a Cyrillic letter
          " " + issuer, issuer + '\0', std::string("https://id.example.com.evil/"), std::string("")})
        CHECK(reasonOf(good({{"iss", other}})) == Reason::unknown);
    for (const Json& odd : {Json(nullptr), Json(1), Json::array({issuer}), Json{{"0", issuer}}})
        CHECK(reasonOf(good({{"iss", odd}})) == Reason::malformed);
    CHECK(reasonOf(goodWithout("iss")) == Reason::malformed);
    ClaimRules two = rules();
    two.issuers.emplace_back("https://second");
    CHECK(reasonOf(good({{"iss", "https://second"}}), two) == well);
    two.issuers.clear();
    CHECK(reasonOf(good({{"iss", 5}}), two) == well);
}

TEST_CASE("an issuer of many tenants is that of the token's own tenant") {
    const std::string tenant = "12345678-9abc-def0-1234-56789abcdef0";
    const auto of = [](const std::string& id) { return "https://login.example.com/" + id + "/v2.0"; };
    ClaimRules many = rules();
    many.issuers = {of("{tenantid}")};
    CHECK(reasonOf(good({{"iss", of(tenant)}, {"tid", tenant}}), many) == well);
    const std::string other = "02345678-9abc-def0-1234-56789abcdef0";
    CHECK(reasonOf(good({{"iss", of(tenant)}, {"tid", other}}), many) == Reason::unknown);
    CHECK(reasonOf(good({{"iss", of(tenant)}}), many) == Reason::unknown);
    CHECK(reasonOf(good({{"iss", of("{tenantid}")}}), many) == Reason::unknown);
    for (const Json& odd : {Json("{tenantid}"), Json("common"), Json(""), Json("../../evil"), Json(5), Json(nullptr)})
        CHECK(reasonOf(good({{"iss", odd.is_string() ? of(odd) : of("")}, {"tid", odd}}), many) == Reason::unknown);
}

TEST_CASE("an empty iss is no issuer of a token without tenant") {
    ClaimRules many = rules();
    many.issuers = {"https://login.example.com/{tenantid}/v2.0"};
    CHECK(reasonOf(good({{"iss", ""}}), many) == Reason::unknown);
    CHECK(reasonOf(good({{"iss", ""}, {"tid", "x"}}), many) == Reason::unknown);
}

TEST_CASE("J14 sub is a text with something in it") {
    CHECK(reasonOf(goodWithout("sub")) == Reason::malformed);
    for (const Json& odd :
         {Json(""), Json(5), Json(nullptr), Json(true), Json::array({"anna"}), Json{{"name", "anna"}}})
        CHECK(reasonOf(good({{"sub", odd}})) == Reason::malformed);
    ClaimRules two = rules();
    two.subjects = {"sub", "user.id"};
    Json other = goodWithout("sub");
    CHECK(reasonOf(other, two) == Reason::malformed);
    other["user"] = {{"id", "anna"}};
    CHECK(reasonOf(other, two) == well);
    other["sub"] = 5; // the first that is there counts
    CHECK(reasonOf(other, two) == Reason::malformed);
    other["sub"] = nullptr; // as absent
    CHECK(reasonOf(other, two) == well);
}

TEST_CASE("D14: a subject that is not sub may be a whole number") {
    ClaimRules two = rules();
    two.subjects = {"sub", "user_id"};
    Json other = goodWithout("sub");
    for (const Json& id : {Json(5), Json(0), Json(-5), Json("5"), Json(18446744073709551615ULL)}) {
        other["user_id"] = id;
        CHECK(reasonOf(other, two) == well);
    }
    for (const Json& odd : {Json(1.5), Json(true), Json(""), Json::array({5}), Json::object(), Json(nullptr)}) {
        other["user_id"] = odd;
        CHECK(reasonOf(other, two) == Reason::malformed);
    }
}

TEST_CASE("D04: where clients are named, client_id must be one of them") {
    ClaimRules cognito = rules();
    cognito.audiences.clear();
    cognito.clients = {"app", "other"};
    cognito.tokenUse = "access";
    const auto with = [&](const Json& client, const Json& use) {
        Json claims = goodWithout("aud");
        claims.update({{"client_id", client}, {"token_use", use}});
        return reasonOf(claims, cognito);
    };
    CHECK(with("app", "access") == well);
    CHECK(with("other", "access") == well);
    for (const Json& client : {Json("stranger"), Json(""), Json("APP"), Json("app other")})
        CHECK(with(client, "access") == Reason::wrongAudience);
    for (const Json& client : {Json(5), Json(nullptr), Json::array({"app"})})
        CHECK(with(client, "access") == Reason::malformed);
    for (const Json& use : {Json("id"), Json("ACCESS"), Json(""), Json(5), Json(nullptr)})
        CHECK(with("app", use) == Reason::malformed);
    Json without = good({{"token_use", "access"}}); // an audience makes up for nothing
    CHECK(reasonOf(without, cognito) == Reason::wrongAudience);
    cognito.clients = {""};
    CHECK(with("", "access") == Reason::wrongAudience);
}

TEST_CASE("J15 typ is the one that is wanted; without a wish it is JWT, at+jwt or none") {
    struct Row {
        Json typ;
        bool byDefault, forAccess;
    };
    ClaimRules access = rules();
    access.types = {"at+jwt"};
    for (const Row& row : std::initializer_list<Row>{{nullptr, false, false},
                                                     {"JWT", true, false},
                                                     {"jwt", true, false},
                                                     {"at+jwt", true, true},
                                                     {"AT+JWT", true, true},
                                                     {"application/at+jwt", true, true},
                                                     {"Application/JWT", true, false},
                                                     {"application/application/jwt", false, false},
                                                     {"logout+jwt", false, false},
                                                     {"dpop+jwt", false, false},
                                                     {"id_token", false, false},
                                                     {"", false, false},
                                                     {"at+jwt ", false, false},
                                                     {5, false, false},
                                                     {Json::array({"at+jwt"}), false, false}}) {
        DYNAMIC_SECTION(row.typ) {
            CHECK((reasonOf(good(), rules(), {{"typ", row.typ}}) == well) == row.byDefault);
            CHECK((reasonOf(good(), access, {{"typ", row.typ}}) == well) == row.forAccess);
        }
    }
    CHECK(reasonOf(good(), access) == Reason::malformed);
    access.types = {"AT+jwt", "JWT"};
    CHECK(reasonOf(good(), access, {{"typ", "at+JWT"}}) == well);
}

TEST_CASE("D04: J15 a token of another kind is told by what its provider says of it") {
    struct Row {
        const char* what;
        Json more;
        std::optional<Reason> reason, fromIdTokens;
    };
    const Json event = {{"http://schemas.openid.net/event/backchannel-logout", Json::object()}};
    for (const Row& row : std::initializer_list<Row>{
             {"an access token", Json::object(), well, well},
             {"nonce", {{"nonce", "n"}}, well, well},
             {"at_hash", {{"at_hash", "h"}}, well, well},
             {"c_hash", {{"c_hash", "h"}}, well, well},
             {"a nonce of any shape", {{"nonce", {{"a", 1}}}}, well, well},
             {"a logout token", {{"events", event}}, Reason::malformed, Reason::malformed},
             {"events of one's own", {{"events", {{"login", 5}}}}, well, well},
             {"events in a list", {{"events", {"a:b"}}}, well, well},
             {"events null", {{"events", nullptr}}, well, well},
             {"Cognito's access token", {{"token_use", "access"}}, well, well},
             {"Cognito's ID token", {{"token_use", "id"}}, Reason::malformed, well},
             {"a token_use of any shape", {{"token_use", {"id"}}}, well, well},
             {"a typ of any shape", {{"typ", 5}}, well, well},
             {"Keycloak's access token", {{"typ", "Bearer"}, {"nonce", "n"}}, well, well},
             {"Keycloak's ID token", {{"typ", "ID"}, {"nonce", "n"}}, Reason::malformed, well},
             {"Keycloak's offline token", {{"typ", "Offline"}}, Reason::malformed, Reason::malformed},
             {"Keycloak's refresh token", {{"typ", "Refresh"}}, Reason::malformed, Reason::malformed},
             {"Keycloak's logout token", {{"typ", "Logout"}}, Reason::malformed, Reason::malformed}}) {
        DYNAMIC_SECTION(row.what) {
            ClaimRules idTokens = rules();
            idTokens.takesIdTokens = true;
            CHECK(reasonOf(good(row.more)) == row.reason);
            CHECK(reasonOf(good(row.more), idTokens) == row.fromIdTokens);
        }
    }
}

TEST_CASE("D02: cty tells a token within a token, and nothing else") {
    for (const char* nested : {"JWT", "jwt", "application/jwt", "APPLICATION/JWT"})
        CHECK(reasonOf(good(), rules(), {{"cty", nested}}) == Reason::malformed);
    for (const Json& other : {Json("application/json"), Json(""), Json("jwt2"), Json(nullptr), Json(5), Json({"JWT"})})
        CHECK(reasonOf(good(), rules(), {{"typ", "JWT"}, {"cty", other}}) == well);
}

TEST_CASE("D03: claims that decide nothing may have any shape") {
    for (const char* name : {"azp", "scope", "scopes", "scp", "jti", "email", "name", "auth_time", "acr", "amr", "act",
                             "cnf", "nonce", "tid", "roles", "groups", "client_id", "sid"})
        for (const Json& odd :
             {Json(nullptr), Json(5), Json("x"), Json::array({1, nullptr}), Json{{"a", {{"b", 1}}}}}) {
            INFO(name << " " << odd);
            CHECK(reasonOf(good({{name, odd}})) == well);
        }
}
