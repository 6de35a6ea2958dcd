// What was revoked since a request began.
#include <catch2/catch.hpp>

#include "auth/revocations.hpp"

using namespace gatehouse;

namespace {

Identity identityOf(const char* tokenId, const char* key) {
    Identity identity;
    identity.tokenId = tokenId;
    identity.isolationKey = key;
    return identity;
}

} // namespace

TEST_CASE("a revocation names a token, an isolation key, or everything") {
    Revocations revocations;
    const std::uint64_t before = revocations.generation();
    revocations.beginGeneration();
    revocations.note("t1");
    revocations.note("alice");
    CHECK(revocations.revokedSince(before, identityOf("t1", "x")));
    CHECK(revocations.revokedSince(before, identityOf("x", "alice")));
    CHECK_FALSE(revocations.revokedSince(before, identityOf("t2", "bob")));
    revocations.beginGeneration();
    revocations.note("");
    CHECK(revocations.revokedSince(before, identityOf("t2", "bob")));
}

TEST_CASE("what began in the generation of a revocation, or after it, is not revoked by it") {
    Revocations revocations;
    revocations.beginGeneration();
    revocations.note("t1");
    const std::uint64_t then = revocations.generation();
    revocations.beginGeneration();
    CHECK_FALSE(revocations.revokedSince(then, identityOf("t1", "x")));
    CHECK_FALSE(revocations.revokedSince(revocations.generation(), identityOf("t1", "x")));
}

TEST_CASE("a request from before the oldest revocation that is remembered counts as revoked") {
    Revocations revocations;
    const std::uint64_t before = revocations.generation();
    for (std::size_t i = 0; i < Revocations::maxKept; ++i) {
        revocations.beginGeneration();
        revocations.note("other");
    }
    CHECK_FALSE(revocations.revokedSince(before, identityOf("t1", "x")));
    revocations.beginGeneration();
    revocations.note("other");
    CHECK(revocations.revokedSince(before, identityOf("t1", "x")));
    CHECK_FALSE(revocations.revokedSince(before + 1, identityOf("t1", "x")));
}
