#include <gatehouse/border.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("texts cross the border as views, also an empty one without data") {
    const std::string text("a\0b", 3);
    CHECK(border::view(border::str(text)) == text);
    CHECK(border::view(border::str(text)).data() == text.data());
    CHECK(border::copy(border::str(text)) == text);
    CHECK(border::view({nullptr, 0}).empty());
    CHECK(border::view({nullptr, 5}).empty());
}

TEST_CASE("times cross the border as milliseconds, never as itself") {
    for (const std::int64_t millis : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'732'000'000'123}})
        CHECK(border::millis(border::time(millis)) == millis);
    CHECK(border::millis(never) == GATEHOUSE_NEVER);
    CHECK(border::time(GATEHOUSE_NEVER) == never);
}

TEST_CASE("an identity crosses the border whole") {
    Identity identity;
    identity.issuer = "issuer";
    identity.subject = "subject";
    identity.clientId = "client";
    identity.tokenId = "token";
    identity.isolationKey = "key";
    identity.scopes = {"read", "", "write"};
    identity.claimsJson = R"({"a":1})";
    identity.expiresAt = WallTime(std::chrono::milliseconds(5));
    const border::IdentityView view(identity);
    CHECK(view.get()->size == sizeof(gatehouse_identity));
    const Identity back = border::identity(*view.get());
    CHECK(back.issuer == "issuer");
    CHECK(back.subject == "subject");
    CHECK(back.clientId == "client");
    CHECK(back.tokenId == "token");
    CHECK(back.isolationKey == "key");
    CHECK(back.scopes == identity.scopes);
    CHECK(back.claimsJson == identity.claimsJson);
    CHECK(back.expiresAt == identity.expiresAt);
    const Identity nobody;
    const border::IdentityView empty(nobody);
    CHECK(empty.get()->scope_count == 0);
    CHECK(empty.get()->expires_at_ms == GATEHOUSE_NEVER);
}

TEST_CASE("a field is there when the other side's struct reaches it") {
    gatehouse_credentials credentials{};
    credentials.size = sizeof(credentials);
    CHECK(GATEHOUSE_HAS_FIELD(&credentials, bearer));
    credentials.size = sizeof(credentials) - 1;
    CHECK_FALSE(GATEHOUSE_HAS_FIELD(&credentials, bearer));
    CHECK(GATEHOUSE_HAS_FIELD(&credentials, size));
}
