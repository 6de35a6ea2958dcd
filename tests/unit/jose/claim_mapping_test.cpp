#include <catch2/catch.hpp>

#include <gatehouse/jose/claims.hpp>

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace std::chrono_literals;

TEST_CASE("a claim is found by its name, and else by its path") {
    const Json claims = {
        {"a", {{"b", {{"c", 1}}}, {"text", "x"}}}, {"a.b", 2}, {"https://example.com/roles", 3}, {"none", nullptr}};
    CHECK(*findClaim(claims, "a.b") == 2); // the whole name first
    CHECK(*findClaim(claims, "a.b.c") == 1);
    CHECK(*findClaim(claims, "https://example.com/roles") == 3);
    for (const char* absent : {"none", "", ".", "a.", ".a", "a.c", "a.text.x", "A", "a.b.c.d", "none.x"})
        CHECK(findClaim(claims, absent) == nullptr);
    CHECK(findClaim(Json::array({1}), "0") == nullptr);
    CHECK(findClaim(nullptr, "a") == nullptr);
}

TEST_CASE("a path may lead through a name with dots in it") {
    const Json claims = {{"resource_access", {{"com.example.app", {{"roles", {"read"}}}}}},
                         {"https://example.com/claims", {{"roles", {"write"}}}}};
    REQUIRE(findClaim(claims, "resource_access.com.example.app.roles") != nullptr);
    CHECK(findClaim(claims, "resource_access.com.example.app.roles")->front() == "read");
    REQUIRE(findClaim(claims, "https://example.com/claims.roles") != nullptr);
    CHECK(findClaim(claims, "https://example.com/claims.roles")->front() == "write");
    CHECK(findClaim(claims, "resource_access.com.example.other.roles") == nullptr);
}

TEST_CASE("a NumericDate is read to the millisecond") {
    CHECK(numericDate(1) == WallTime(1s));
    CHECK(numericDate(1.5) == WallTime(1500ms));
    CHECK(numericDate(-1.5) == WallTime(-1500ms));
    CHECK(numericDate(253402300799) == WallTime(253402300799s));
    CHECK(numericDate(-253402300799) == WallTime(-253402300799s));
    for (const Json& odd :
         {Json(253402300800), Json(-253402300800), Json("1"), Json(nullptr), Json(true), Json::array({1}), Json(1e308)})
        CHECK_FALSE(numericDate(odd).has_value());
}

TEST_CASE("scopes are words of a text or texts of a list, each once, in one order") {
    struct Row {
        const char* what;
        Json claims;
        std::vector<std::string> scopes;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"none", Json::object(), {}},
                                    {"a text", {{"scope", "b a"}}, {"a", "b"}},
                                    {"blanks beside one another", {{"scope", "  b   a "}}, {"a", "b"}},
                                    {"a list", {{"scope", {"b", "a"}}}, {"a", "b"}},
                                    {"twice", {{"scope", "a a"}, {"scp", {"a", "b"}}}, {"a", "b"}},
                                    {"a path", {{"realm", {{"roles", {"c"}}}}, {"scope", "a"}}, {"a", "c"}},
                                    {"an empty text", {{"scope", ""}}, {}},
                                    {"an empty list", {{"scope", Json::array()}}, {}}}) {
        DYNAMIC_SECTION(row.what) { CHECK(scopesIn(row.claims, {"scope", "scp", "realm.roles"}) == row.scopes); }
    }
}

TEST_CASE("J17 what names the client, the token and the scopes has one shape") {
    struct Row {
        const char* what;
        Json claims;
        const char* odd; // the claim; empty: all are well
    };
    for (const Row& row : std::initializer_list<Row>{
             {"nothing of them", {{"sub", "anna"}}, ""},
             {"all of them", {{"azp", "app"}, {"jti", "1"}, {"scope", "a b"}, {"scp", {"c"}}}, ""},
             {"azp as a list", {{"azp", {"app"}}}, "azp"},
             {"azp as a number before a good client_id", {{"azp", 5}, {"client_id", "app"}}, "azp"},
             {"azp null", {{"azp", nullptr}}, ""},
             {"azp null before an odd client_id", {{"azp", nullptr}, {"client_id", 5}}, "client_id"},
             {"client_id as an object", {{"client_id", Json::object()}}, "client_id"},
             {"cid as a number behind azp: not looked at", {{"azp", "app"}, {"cid", 5}}, ""},
             {"jti as a number", {{"jti", 1}}, "jti"},
             {"scope as a number", {{"scope", 5}}, "scope"},
             {"scope as an object", {{"scope", {{"a", true}}}}, "scope"},
             {"scope null", {{"scope", nullptr}}, ""},
             {"a list of scopes with a number in it", {{"scope", {"a", 5}}}, "scope"},
             {"a list of lists", {{"scp", Json::array({Json::array({"a"})})}}, "scp"},
             {"the second of them odd", {{"scope", "a"}, {"scp", true}}, ""},
             {"the first of them odd", {{"scope", 5}, {"scp", "a"}}, ""},
             {"all of them odd", {{"scp", true}, {"scope", 5}}, "scope"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(oddClaim(row.claims, {}) == row.odd); }
    }
    ClaimMapping own;
    own.guessesScopes = false; // D03: what the settings name is used, each of it
    CHECK(oddClaim({{"scope", "a"}, {"scp", true}}, own) == "scp");
    CHECK(oddClaim({{"scope", 5}, {"scp", "a"}}, own) == "scope");
    CHECK(oddClaim({{"scope", nullptr}, {"scp", "a"}}, own).empty());
    own.scopes = {"realm.roles"};
    own.client = {"cid"};
    CHECK(oddClaim({{"scope", 5}, {"azp", 5}}, own).empty());
    CHECK(oddClaim({{"realm", {{"roles", "a"}}}}, own).empty());
    CHECK(oddClaim({{"realm", {{"roles", 5}}}}, own) == "realm.roles");
    CHECK(oddClaim({{"cid", 5}}, own) == "cid");
}

TEST_CASE("D03: only claims of scopes that have their shape bring scopes, and each of those whole") {
    struct Row {
        Json claims;
        std::vector<std::string> scopes;
    };
    for (const Row& row :
         std::initializer_list<Row>{{{{"scope", "read"}, {"scopes", {{"permissions", {"a"}}}}}, {"read"}},
                                    {{{"scope", "read"}, {"scp", {"admin", 5}}}, {"read"}},
                                    {{{"scope", nullptr}, {"scp", {"admin"}}}, {"admin"}},
                                    {{{"scope", {"a", nullptr}}}, {}}})
        CHECK(scopesIn(row.claims, ClaimMapping().scopes) == row.scopes);
}

TEST_CASE("D14: a subject that is a number is its digits") {
    ClaimMapping mapping;
    mapping.subject = {"sub", "user_id"};
    CHECK(identityFrom({{"user_id", 5}}, mapping, 0s).subject == "5");
    CHECK(identityFrom({{"user_id", 5}}, mapping, 0s).isolationKey ==
          identityFrom({{"user_id", "5"}}, mapping, 0s).isolationKey);
    CHECK(identityFrom({{"sub", nullptr}, {"user_id", 5}}, mapping, 0s).subject == "5");
    CHECK(identityFrom({{"sub", "anna"}, {"user_id", 5}}, mapping, 0s).subject == "anna");
}

TEST_CASE("an identity is made of the claims that name it") {
    const Json claims = {{"iss", "i"}, {"sub", "s"},     {"azp", "c"}, {"client_id", "other"},
                         {"jti", "t"}, {"scope", "b a"}, {"exp", 1000}};
    const Identity identity = identityFrom(claims, {}, 60s);
    CHECK(identity.issuer == "i");
    CHECK(identity.subject == "s");
    CHECK(identity.clientId == "c");
    CHECK(identity.tokenId == "t");
    CHECK(identity.scopes == std::vector<std::string>{"a", "b"});
    CHECK(identity.expiresAt == WallTime(1060s));
    CHECK(identityFrom({{"sub", "s"}}, {}, 60s).expiresAt == never);
}

TEST_CASE("the isolation key is that of issuer, subject and client, which cannot be shifted into one another") {
    const auto keyOf = [](const std::string& iss, const std::string& sub, const std::string& azp,
                          const std::string& jti = "") {
        return identityFrom({{"iss", iss}, {"sub", sub}, {"azp", azp}, {"jti", jti}, {"exp", jti.size()}}, {}, 0s)
            .isolationKey;
    };
    CHECK(keyOf("i", "s", "c", "1") == keyOf("i", "s", "c", "22"));
    CHECK(keyOf("i", "s", "c") != keyOf("i", "s", "d"));
    CHECK(keyOf("i", "s", "c") != keyOf("i", "t", "c"));
    CHECK(keyOf("i", "s", "c") != keyOf("j", "s", "c"));
    CHECK(keyOf("i", "sc", "") != keyOf("i", "s", "c"));
    CHECK(keyOf("is", "", "c") != keyOf("i", "s", "c"));
    CHECK(keyOf("1:a", "b", "") != keyOf("1", ":a", "b"));
    CHECK(keyOf("", "1:s", "") != keyOf("1:s", "", ""));
}
