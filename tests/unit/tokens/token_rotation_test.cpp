#include "tokens/token_rotation.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("a rotation keeps all but the text, and gives a life as long as before") {
    TokenEntry entry = sampleEntry("id", "one", sampleTime + 24h);
    const WallTime now = sampleTime + 10h;
    rotateText(entry, {.fresh = sha256("two")}, now);
    CHECK(entry.record.id == "id");
    CHECK(entry.digest == sha256("two"));
    CHECK(entry.generation == 2);
    CHECK(entry.record.expiresAt == now + 24h);
    CHECK(entry.record.createdAt == sampleTime);
    CHECK_FALSE(entry.previous);
    rotateText(entry, {.fresh = sha256("three")}, now + 5h);
    CHECK(entry.record.expiresAt == now + 5h + 24h); // counted from the last rotation
}

TEST_CASE("a token that never ends goes on so; a wanted end is taken") {
    TokenEntry entry = sampleEntry("id", "one");
    rotateText(entry, {.fresh = sha256("two")}, sampleTime);
    CHECK(entry.record.expiresAt == never);
    rotateText(entry, {.fresh = sha256("three"), .expiresAt = sampleTime + 1h}, sampleTime);
    CHECK(entry.record.expiresAt == sampleTime + 1h);
}

TEST_CASE("the old text stays for the overlap, but no longer than it would have lived") {
    TokenEntry entry = sampleEntry("id", "one", sampleTime + 1h);
    rotateText(entry, {.fresh = sha256("two"), .overlap = 24h, .untilIdle = true}, sampleTime);
    REQUIRE(entry.previous);
    CHECK(entry.previous->digest == sha256("one"));
    CHECK(entry.previous->validUntil == sampleTime + 1h);
    CHECK(entry.previous->untilIdle);
}

TEST_CASE("there are never three texts") {
    TokenEntry entry = sampleEntry("id", "one");
    rotateText(entry, {.fresh = sha256("two"), .overlap = 1h}, sampleTime);
    const TokenEntry before = entry;
    CHECK_THROWS_AS(rotateText(entry, {.fresh = sha256("three"), .overlap = 1h}, sampleTime), RotationInProgress);
    CHECK(entry.digest == before.digest);
    CHECK(entry.generation == 2);
    rotateText(entry, {.fresh = sha256("three"), .overlap = 1h, .replaces = true}, sampleTime);
    CHECK(entry.previous->digest == sha256("two"));
    rotateText(entry, {.fresh = sha256("four"), .overlap = 1h}, sampleTime + 1h); // the one before has ended
    CHECK(entry.previous->digest == sha256("three"));
}
