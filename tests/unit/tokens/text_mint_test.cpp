#include "tokens/text_mint.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/base64.hpp>

#include "support/sample_tokens.hpp"
#include "tokens/checked_token.hpp"
#include "tokens/token_request.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const std::string secret = "a secret of thirty-two bytes, or more";

TokenEntry sample() {
    TokenEntry entry = sampleEntry("token-1", "text", sampleTime + 720h);
    entry.owner = "alice";
    entry.terms.scopes = {"read:tasks", "write:tasks"};
    return entry;
}

Json claimsIn(const std::string& token) {
    const std::size_t first = token.find('.'), second = token.find('.', first + 1);
    return Json::parse(*fromBase64Url(token.substr(first + 1, second - first - 1)));
}

} // namespace

TEST_CASE("an opaque text has the prefix and a checksum, and is another each time") {
    const TokenMint mint = opaqueMint("gth_");
    CHECK(isCheckedToken(mint(sample()), "gth_"));
    CHECK(mint(sample()) != mint(sample()));
}

TEST_CASE("a JWT says what the token may do, and is signed") {
    const std::string token = jwtMint({.secret = secret, .audience = "https://mcp.example/mcp"})(sample());
    const std::size_t dot = token.rfind('.');
    const Sha256 mac = hmacSha256(secret, token.substr(0, dot));
    CHECK(token.substr(dot + 1) == base64Url({reinterpret_cast<const char*>(mac.data()), mac.size()}));
    CHECK(Json::parse(*fromBase64Url(token.substr(0, token.find('.')))) == Json({{"alg", "HS256"}, {"typ", "JWT"}}));
    const Json claims = claimsIn(token);
    CHECK(claims["sub"] == "alice");
    CHECK(claims["user_id"] == "alice");
    CHECK(claims["token_id"] == "token-1");
    CHECK(claims["aud"] == "https://mcp.example/mcp");
    CHECK(claims["scopes"] == Json({"read:tasks", "write:tasks"}));
    CHECK(claims["exp"].get<std::int64_t>() - claims["iat"].get<std::int64_t>() == 720 * 3600);
    CHECK_FALSE(claims.contains("iss"));
    CHECK_FALSE(claims.contains("nbf"));
}

TEST_CASE("two JWTs of one token differ; without an owner its id is who it is for") {
    const TokenMint mint = jwtMint({.secret = secret, .audience = "a", .issuer = "https://issuer.example"});
    TokenEntry entry = sample();
    entry.owner.clear();
    entry.notBefore = sampleTime + 1h;
    CHECK(mint(entry) != mint(entry));
    const Json claims = claimsIn(mint(entry));
    CHECK(claims["sub"] == "token-1");
    CHECK(claims["iss"] == "https://issuer.example");
    CHECK(claims["nbf"].is_number());
}

TEST_CASE("a JWT without an end is not made") {
    TokenEntry entry = sample();
    entry.record.expiresAt = never;
    CHECK_THROWS_AS(jwtMint({.secret = secret, .audience = "a"})(entry), TokenRequestError);
}
