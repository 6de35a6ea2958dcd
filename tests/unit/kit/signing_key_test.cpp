#include "kit/signing_key.hpp"

#include <catch2/catch.hpp>

#include <gatehouse/jose/key.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::string input = "what is signed";

jose::Algorithm named(const std::string& name) { return *jose::algorithmNamed(name == "Ed448" ? "EdDSA" : name); }

jose::Key readable(const jose::Key::Result& read) {
    if (const auto* fault = std::get_if<jose::KeyFault>(&read)) FAIL(fault->words);
    return std::get<jose::Key>(read);
}

} // namespace

TEST_CASE("what a key signs is verified by its public half, as a JWK and as PEM") {
    for (const char* name : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K",
                             "EdDSA", "Ed448"}) {
        DYNAMIC_SECTION(name) {
            const SigningKey key = keyFor(name);
            const std::string signature = key.signature(name, input);
            for (const jose::Key& half : {readable(jose::Key::fromJwk(key.jwk({{"kid", "k"}}))),
                                          readable(jose::Key::fromPem(key.publicPem()))}) {
                CHECK(half.verifies(named(name), input, signature));
                CHECK_FALSE(half.verifies(named(name), input + "!", signature));
                CHECK_FALSE(half.verifies(named(name), input, keyFor(name).signature(name, input)));
            }
        }
    }
}

TEST_CASE("a JWK has what is added to it, and nothing private") {
    for (const char* name : {"RS256", "ES256", "EdDSA"}) {
        const Json jwk = keyFor(name).jwk({{"kid", "k"}, {"use", "sig"}});
        CHECK(jwk.at("kid") == "k");
        CHECK(jwk.at("use") == "sig");
        for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "k"}) CHECK_FALSE(jwk.contains(secret));
    }
}

TEST_CASE("an ECDSA signature is r and s side by side, or DER when it is raw") {
    struct Row {
        const char* name;
        std::size_t width;
    };
    for (const Row& row : {Row{"ES256", 32}, Row{"ES384", 48}, Row{"ES512", 66}}) {
        const SigningKey key = SigningKey::forAlgorithm(row.name);
        CHECK(key.coordinateBytes() == static_cast<int>(row.width));
        CHECK(key.signature(row.name, input).size() == 2 * row.width);
        CHECK(key.rawSignature(row.name, input).front() == '\x30');
    }
}

TEST_CASE("the salt of PSS is as long as the hash, unless another length is asked for") {
    const SigningKey key = keyFor("PS256");
    const jose::Key half = readable(jose::Key::fromJwk(key.jwk()));
    CHECK(half.verifies(jose::Algorithm::PS256, input, key.rawSignature("PS256", input)));
    CHECK(half.verifies(jose::Algorithm::PS256, input, key.rawSignature("PS256", input, 32)));
    CHECK_FALSE(half.verifies(jose::Algorithm::PS256, input, key.rawSignature("PS256", input, 20)));
}

TEST_CASE("a private key is written for others to sign with, and its public half in two spellings") {
    const SigningKey key = SigningKey::forAlgorithm("ES256");
    CHECK_THAT(key.privatePem(), Catch::StartsWith("-----BEGIN PRIVATE KEY-----\n"));
    CHECK_THAT(key.publicPem(), Catch::StartsWith("-----BEGIN PUBLIC KEY-----\n"));
    CHECK(key.publicDer().front() == '\x30');
    CHECK(key.publicDer().size() == 91); // SubjectPublicKeyInfo of a point on P-256
}

TEST_CASE("a number of a key is as wide as it is asked to be") {
    const SigningKey key = keyFor("RS256");
    CHECK(key.number("n").size() == 256);
    CHECK(key.number("e") == std::string("\1\0\1", 3));
    CHECK(key.number("e", 5) == std::string("\0\0\1\0\1", 5));
    CHECK_THROWS_AS(key.number("n", 8), std::runtime_error);
    CHECK_THROWS_AS(key.number("qx"), std::runtime_error);
}

TEST_CASE("what OpenSSL refuses is an exception") {
    CHECK_THROWS_AS(SigningKey(nullptr), std::runtime_error);
    CHECK_THROWS_AS(SigningKey::forAlgorithm("EdDSA").signature("RS256", input), std::runtime_error);
}

TEST_CASE("an HMAC is that of the algorithm's hash") {
    const std::string secret(64, 's');
    const jose::Key key = readable(jose::Key::fromSecret(secret));
    for (const char* name : {"HS256", "HS384", "HS512"}) {
        CHECK(key.verifies(named(name), input, macOf(name, secret, input)));
        CHECK_FALSE(key.verifies(named(name), input, macOf(name, secret + "s", input)));
    }
}

TEST_CASE("a compact JWS is header, payload and signature in base64url") {
    CHECK(signingInput("{}", "{\"a\":1}") == "e30.eyJhIjoxfQ");
    CHECK(compact("e30.e30", "\xff\xfe") == "e30.e30.__4");
    CHECK(compact("e30.e30", "") == "e30.e30.");
}
