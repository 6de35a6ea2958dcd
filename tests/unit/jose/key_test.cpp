#include <gatehouse/jose/key.hpp>

#include <catch2/catch.hpp>

#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;

namespace {

// Why it cannot be used; empty: it can.
std::string complaint(const Key::Result& read) {
    const auto* fault = std::get_if<KeyFault>(&read);
    return fault ? fault->words : "";
}
std::string complaint(const Json& jwk) { return complaint(Key::fromJwk(jwk)); }

Key usable(Key::Result read) {
    INFO(complaint(read));
    REQUIRE(std::holds_alternative<Key>(read));
    return std::get<Key>(std::move(read));
}

Json with(Json jwk, const Json& more) {
    jwk.update(more);
    return jwk;
}
Json without(Json jwk, const char* member) {
    jwk.erase(member);
    return jwk;
}

Json secretJwk(const std::string& bytes, const Json& more = Json::object()) {
    return with({{"kty", "oct"}, {"k", base64Url(bytes)}}, more);
}

Json rsaJwk(BIGNUM* modulus) {
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(modulus)), '\0');
    BN_bn2bin(modulus, minting::bytesOf(bytes));
    return {{"kty", "RSA"}, {"n", base64Url(bytes)}, {"e", "AQAB"}};
}

// 65537^5 modulo the product of many small primes, and a multiple of that product: what the flawed generator made.
Json rocaJwk() {
    const auto context = minting::owned(BN_CTX_new(), BN_CTX_free);
    const auto product = minting::owned(BN_new(), BN_free), out = minting::owned(BN_new(), BN_free);
    BN_one(product.get());
    for (unsigned prime = 3; prime <= 701; prime += 2) {
        bool isPrime = true;
        for (unsigned d = 3; d * d <= prime; d += 2) isPrime = isPrime && prime % d != 0;
        if (isPrime) BN_mul_word(product.get(), prime);
    }
    const auto base = minting::owned(BN_new(), BN_free), power = minting::owned(BN_new(), BN_free);
    BN_set_word(base.get(), 65537);
    BN_set_word(power.get(), 5);
    BN_mod_exp(base.get(), base.get(), power.get(), product.get(), context.get());
    BN_set_bit(out.get(), 2047 - BN_num_bits(product.get()) + 1);
    BN_mul(out.get(), out.get(), product.get(), context.get());
    BN_add(out.get(), out.get(), base.get());
    if (!BN_is_odd(out.get())) BN_add(out.get(), out.get(), product.get());
    return rsaJwk(out.get());
}

SigningKey rsaOf(std::size_t bits) { return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits)); }

} // namespace

TEST_CASE("each algorithm verifies what OpenSSL signed, and nothing that is changed") {
    const std::string input = "a header.and a payload";
    for (const std::string algorithm : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                                        "ES256K", "EdDSA", "Ed448"}) {
        DYNAMIC_SECTION(algorithm) {
            const std::string alg = algorithm == "Ed448" ? "EdDSA" : algorithm;
            const SigningKey& signing = keyFor(algorithm);
            const std::string signature = signing.signature(alg, input);
            for (const Key& key : {usable(Key::fromJwk(signing.jwk())), usable(Key::fromPem(signing.publicPem()))}) {
                const Algorithm named = *algorithmNamed(alg);
                CHECK_FALSE(key.isSymmetric());
                CHECK_FALSE(key.isPrivate());
                CHECK(key.verifies(named, input, signature));
                CHECK(key.verifies(named, input, signature)); // what is prepared is not used up
                CHECK_FALSE(key.verifies(named, input + " ", signature));
                CHECK_FALSE(key.verifies(named, "", signature));
                CHECK_FALSE(key.verifies(named, input, signature.substr(1)));
                CHECK_FALSE(key.verifies(named, input, signature + '\0'));
                CHECK_FALSE(key.verifies(named, input, '\0' + signature));
                CHECK_FALSE(key.verifies(named, input, ""));
                std::string changed = signature;
                changed.back() ^= 1;
                CHECK_FALSE(key.verifies(named, input, changed));
                CHECK_FALSE(usable(Key::fromJwk(keyFor(algorithm, 1).jwk())).verifies(named, input, signature));
            }
        }
    }
}

// OpenSSL takes a PSS signature without its first zero: one in 256 could be written in two ways.
TEST_CASE("a signature of RSA is as long as the modulus, also where it begins with a zero") {
    for (const std::string alg : {"RS256", "PS256"}) {
        const SigningKey& signing = keyFor(alg);
        const Key key = usable(Key::fromJwk(signing.jwk()));
        std::string input, signature;
        for (int i = 0; signature.empty() || signature.front() != '\0'; ++i) {
            REQUIRE(i < 10'000);
            input = "input " + std::to_string(i);
            signature = signing.signature(alg, input);
        }
        CHECK(key.verifies(*algorithmNamed(alg), input, signature));
        CHECK_FALSE(key.verifies(*algorithmNamed(alg), input, signature.substr(1)));
        CHECK_FALSE(key.verifies(*algorithmNamed(alg), input, '\0' + signature));
    }
}

TEST_CASE("a secret verifies the MACs that it is long enough for") {
    const std::string input = "a header.and a payload";
    REQUIRE(secretText.size() == 64);
    struct Row {
        std::size_t bytes;
        const char* algorithms;
    };
    for (const Row& row : std::initializer_list<Row>{
             {32, "HS256"}, {47, "HS256"}, {48, "HS256, HS384"}, {63, "HS256, HS384"}, {64, "HS256, HS384, HS512"}}) {
        DYNAMIC_SECTION(row.bytes) {
            const std::string secret = secretText.substr(0, row.bytes);
            const Key key = usable(Key::fromSecret(secret, "me"));
            CHECK(key.algorithms().names() == row.algorithms);
            CHECK(key.isSymmetric());
            CHECK(key.id() == "me");
            for (const char* alg : {"HS256", "HS384", "HS512"}) {
                const std::string mac = macOf(alg, secret, input);
                const Algorithm named = *algorithmNamed(alg);
                CHECK(key.verifies(named, input, mac) == key.algorithms().contains(named));
                CHECK_FALSE(key.verifies(named, input, mac.substr(0, mac.size() - 1)));
                CHECK_FALSE(key.verifies(named, input, ""));
                CHECK_FALSE(key.verifies(named, input, macOf(alg, secret + "x", input)));
            }
        }
    }
}

TEST_CASE("a key serves what its kind and its alg say, and no other algorithm") {
    struct Row {
        const char* what;
        Json jwk;
        const char* algorithms;
    };
    const Json rsa = keyFor("RS256").jwk();
    for (const Row& row : std::initializer_list<Row>{
             {"RSA", rsa, "RS256, RS384, RS512, PS256, PS384, PS512"},
             {"RSA for PS384", with(rsa, {{"alg", "PS384"}}), "PS384"},
             {"P-256", keyFor("ES256").jwk(), "ES256"},
             {"P-384", keyFor("ES384").jwk(), "ES384"},
             {"P-521", keyFor("ES512").jwk(), "ES512"},
             {"secp256k1", keyFor("ES256K").jwk(), "ES256K"},
             {"Ed25519", keyFor("EdDSA").jwk(), "EdDSA"},
             {"Ed448", keyFor("Ed448").jwk({{"alg", "EdDSA"}}), "EdDSA"},
             {"for signatures", with(rsa, {{"use", "sig"}, {"key_ops", {"sign", "verify"}}, {"alg", "RS256"}}),
              "RS256"},
             {"with members that mean nothing here", with(rsa, {{"x5c", {"x"}}, {"x5t", 5}, {"alg", "RS512"}}),
              "RS512"},
             {"a secret for HS256", secretJwk(secretText, {{"alg", "HS256"}}), "HS256"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(usable(Key::fromJwk(row.jwk)).algorithms().names() == row.algorithms); }
    }
    const std::string signature = keyFor("PS256").signature("PS256", "x");
    CHECK_FALSE(usable(Key::fromJwk(with(rsa, {{"alg", "RS256"}}))).verifies(Algorithm::PS256, "x", signature));
}

TEST_CASE("J03 a key that is not for this is refused") {
    struct Row {
        const char* what;
        Json jwk;
        const char* complaint;
    };
    const Json rsa = keyFor("RS256").jwk(), ec = keyFor("ES256").jwk(), ed = keyFor("EdDSA").jwk();
    for (const Row& row : std::initializer_list<Row>{
             {"for encryption", with(rsa, {{"use", "enc"}}), "use"},
             {"a use that is no text", with(rsa, {{"use", Json::array({"sig"})}}), "use"},
             {"a use in another case", with(rsa, {{"use", "SIG"}}), "use"},
             {"operations without verify", with(rsa, {{"key_ops", {"encrypt", "sign"}}}), "key_ops"},
             {"no operation", with(rsa, {{"key_ops", Json::array()}}), "key_ops"},
             {"operations as a text", with(rsa, {{"key_ops", "verify"}}), "key_ops"},
             {"RSA for ES256", with(rsa, {{"alg", "ES256"}}), "not fit for its alg ES256"},
             {"RSA for HS256", with(rsa, {{"alg", "HS256"}}), "not fit for its alg HS256"},
             {"P-256 for ES384", with(ec, {{"alg", "ES384"}}), "not fit"},
             {"P-256 for ES256K", with(ec, {{"alg", "ES256K"}}), "not fit"},
             {"Ed25519 for ES256", with(ed, {{"alg", "ES256"}}), "not fit"},
             {"a secret for RS256", secretJwk(secretText, {{"alg", "RS256"}}), "not fit"},
             {"for none", with(rsa, {{"alg", "none"}}), "unsupported alg"},
             {"for wrapping keys", with(rsa, {{"alg", "RSA-OAEP"}}), "unsupported alg"},
             {"an alg that is no text", with(rsa, {{"alg", 256}}), "unsupported alg"},
             {"no kty", without(rsa, "kty"), "no kty"},
             {"a kty that is no text", with(rsa, {{"kty", 1}}), "no kty"},
             {"an unknown kty", with(rsa, {{"kty", "DSA"}}), "kty is not known"},
             {"a kty in another case", with(rsa, {{"kty", "rsa"}}), "kty is not known"},
             {"EC said to be OKP", with(ec, {{"kty", "OKP"}}), "no OKP key"},
             {"OKP said to be EC", with(ed, {{"kty", "EC"}}), "no EC key"},
             {"RSA said to be a secret", with(rsa, {{"kty", "oct"}}), "k is no base64url"},
             {"an unknown curve", with(ec, {{"crv", "P-224"}}), "no EC key"},
             {"the name of OpenSSL's curve", with(ec, {{"crv", "prime256v1"}}), "no EC key"},
             {"a curve of another length", with(ec, {{"crv", "P-384"}}), "no EC key"},
             {"a curve for key agreement", with(ed, {{"crv", "X25519"}}), "no OKP key"},
             {"Ed25519 said to be Ed448", with(ed, {{"crv", "Ed448"}}), "no OKP key"},
             {"no curve", without(ec, "crv"), "no EC key"},
             {"a kid that is no text", with(rsa, {{"kid", 7}}), "kid is no text"},
             {"no object", Json::array({rsa}), "no JSON object"},
             {"null", nullptr, "no JSON object"}}) {
        DYNAMIC_SECTION(row.what) { CHECK_THAT(complaint(row.jwk), Catch::Contains(row.complaint)); }
    }
}

TEST_CASE("numbers that are no key are refused") {
    struct Row {
        const char* what;
        Json jwk;
    };
    const SigningKey& ec = keyFor("ES256");
    const Json rsaJwk = keyFor("RS256").jwk(), ecJwk = ec.jwk(), edJwk = keyFor("EdDSA").jwk();
    const std::string x = ec.number("qx", 32), y = ec.number("qy", 32);
    std::string offCurve = y;
    offCurve.back() ^= 1;
    const Json coordinates = {{"x", base64Url(x + x)}, {"y", base64Url(y + y)}};
    for (const Row& row : std::initializer_list<Row>{
             {"a point off its curve", with(ecJwk, {{"y", base64Url(offCurve)}})},
             {"the point 0, 0",
              with(ecJwk, {{"x", base64Url(std::string(32, '\0'))}, {"y", base64Url(std::string(32, '\0'))}})},
             {"a coordinate beyond the field", with(ecJwk, {{"x", base64Url(std::string(32, '\xFF'))}})},
             {"x a byte short", with(ecJwk, {{"x", base64Url(x.substr(1))}})},
             {"x with a zero before it", with(ecJwk, {{"x", base64Url('\0' + x)}})},
             {"x and y shifted into one another",
              with(ecJwk, {{"x", base64Url(x + y.substr(0, 1))}, {"y", base64Url(y.substr(1))}})},
             {"coordinates twice as long", with(ecJwk, coordinates)},
             {"x empty", with(ecJwk, {{"x", ""}})},
             {"x padded", with(ecJwk, {{"x", base64Url(x) + "="}})},
             {"x in base64", with(ecJwk, {{"x", "+/" + base64Url(x).substr(2)}})},
             {"x a number", with(ecJwk, {{"x", 5}})},
             {"no y", without(ecJwk, "y")},
             {"no modulus", without(rsaJwk, "n")},
             {"a modulus of nothing", with(rsaJwk, {{"n", ""}})},
             {"a modulus of zeros", with(rsaJwk, {{"n", base64Url(std::string(256, '\0'))}})},
             {"an even modulus", with(rsaJwk, {{"n", base64Url(std::string(255, '\xAB') + '\x02')}})},
             {"a modulus that is no text", with(rsaJwk, {{"n", Json::array()}})},
             {"no exponent", without(rsaJwk, "e")},
             {"Ed25519 a byte short", with(edJwk, {{"x", base64Url(std::string(31, 'x'))}})},
             {"Ed25519 a byte long", with(edJwk, {{"x", base64Url(std::string(33, 'x'))}})},
             {"Ed25519 of nothing", with(edJwk, {{"x", ""}})}}) {
        DYNAMIC_SECTION(row.what) { CHECK_FALSE(complaint(row.jwk).empty()); }
    }
}

TEST_CASE("J09 RSA that proves nothing is refused: short, with a trivial exponent, of the ROCA kind") {
    const Json rsa = keyFor("RS256").jwk();
    CHECK_THAT(complaint(rsaOf(1024).jwk()), Catch::Contains("1024 bits, expected at least 2048"));
    CHECK_THAT(complaint(Key::fromPem(rsaOf(1024).publicPem())), Catch::Contains("1024 bits"));
    CHECK_THAT(complaint(with(rsa, {{"n", base64Url("\x7F" + std::string(255, '\xFF'))}})), Catch::Contains("2047"));
    CHECK_THAT(complaint(with(rsa, {{"n", base64Url(std::string(2049, '\xFF'))}})), Catch::Contains("at most 16384"));
    for (const std::string& exponent :
         {std::string("\x01"), std::string("\0\0\x01", 3), std::string("\0", 1), std::string(), std::string("\x02"),
          std::string("\x01\0\0", 3), std::string(9, '\xFF'), std::string(256, '\x03')})
        CHECK_FALSE(complaint(with(rsa, {{"e", base64Url(exponent)}})).empty());
    CHECK(complaint(with(rsa, {{"e", base64Url("\x03")}})).empty());
    CHECK_THAT(complaint(rocaJwk()), Catch::Contains("ROCA"));
}

TEST_CASE("J09 padding and salt of RSA signatures are taken in one form only") {
    const Key key = usable(Key::fromJwk(keyFor("RS256").jwk()));
    const std::string input = "x.y";
    for (const int salt : {0, 20, 31, 33, 64})
        CHECK_FALSE(key.verifies(Algorithm::PS256, input, keyFor("PS256").rawSignature("PS256", input, salt)));
    CHECK(key.verifies(Algorithm::PS256, input, keyFor("PS256").rawSignature("PS256", input, 32)));
    CHECK_FALSE(key.verifies(Algorithm::PS256, input, keyFor("RS256").signature("RS256", input)));
    CHECK_FALSE(key.verifies(Algorithm::RS256, input, keyFor("PS256").signature("PS256", input)));
    CHECK_FALSE(key.verifies(Algorithm::RS256, input, keyFor("RS256").signature("RS384", input)));
    for (const std::string& trivial :
         {std::string(256, '\0'), std::string(255, '\0') + '\x01', keyFor("RS256").number("n")})
        CHECK_FALSE(key.verifies(Algorithm::RS256, input, trivial));
}

TEST_CASE("J08 an ECDSA signature has r and s within the order, side by side") {
    struct Row {
        const char* what;
        std::string r, s;
    };
    for (const std::string alg : {"ES256", "ES384", "ES512", "ES256K"}) {
        const SigningKey& signing = keyFor(alg);
        const Key key = usable(Key::fromJwk(signing.jwk()));
        const auto width = static_cast<std::size_t>(signing.coordinateBytes());
        const std::string zero(width, '\0'), one = std::string(width - 1, '\0') + '\x01', most(width, '\xFF');
        const std::string n = signing.number("order", signing.coordinateBytes());
        const std::string good = signing.signature(alg, "x"), r = good.substr(0, width), s = good.substr(width);
        const Algorithm algorithm = *algorithmNamed(alg);
        CHECK(key.verifies(algorithm, "x", r + s));
        for (const Row& row : std::initializer_list<Row>{{"0 and 0", zero, zero},
                                                         {"0 and s", zero, s},
                                                         {"r and 0", r, zero},
                                                         {"1 and 1", one, one},
                                                         {"n and n", n, n},
                                                         {"r and n", r, n},
                                                         {"n and s", n, s},
                                                         {"all ones", most, most},
                                                         {"s and r", s, r},
                                                         {"with a zero before each", '\0' + r, '\0' + s},
                                                         {"only r", r, ""},
                                                         {"nothing", "", ""},
                                                         {"a byte more", r, s + '\0'},
                                                         {"twice", r + s, r + s}}) {
            DYNAMIC_SECTION(alg << ": " << row.what) { CHECK_FALSE(key.verifies(algorithm, "x", row.r + row.s)); }
        }
        CHECK_FALSE(key.verifies(algorithm, "x", signing.rawSignature(alg, "x"))); // DER
    }
}

TEST_CASE("J10 a secret that can be guessed is refused") {
    CHECK_THAT(complaint(Key::fromSecret("")), Catch::Contains("0 bytes, expected at least 32"));
    CHECK_THAT(complaint(Key::fromSecret(secretText.substr(0, 31))), Catch::Contains("31 bytes"));
    CHECK_THAT(complaint(secretJwk("")), Catch::Contains("0 bytes"));
    CHECK_THAT(complaint(secretJwk(secretText.substr(0, 31))), Catch::Contains("31 bytes"));
    CHECK_THAT(complaint(secretJwk(secretText.substr(0, 47), {{"alg", "HS384"}})), Catch::Contains("not fit"));
    CHECK_THAT(complaint(secretJwk(secretText.substr(0, 63), {{"alg", "HS512"}})), Catch::Contains("not fit"));
    CHECK(complaint(secretJwk(secretText, {{"alg", "HS512"}})).empty());
    CHECK_FALSE(complaint(Json{{"kty", "oct"}}).empty());
    CHECK_FALSE(complaint(Json{{"kty", "oct"}, {"k", secretText + "!"}}).empty());
    CHECK_FALSE(complaint(Json{{"kty", "oct"}, {"k", nullptr}}).empty());
}

TEST_CASE("J02 a PEM text is no secret, whatever stands before it") {
    const std::string pem = keyFor("RS256").publicPem();
    std::string crlf;
    for (const char c : pem) crlf += c == '\n' ? "\r\n" : std::string(1, c);
    for (const std::string& text : {pem, " " + pem, "\r\n" + pem, crlf, "\xEF\xBB\xBF" + pem, "# our key\n" + pem}) {
        CHECK_THAT(complaint(Key::fromSecret(text)), Catch::Contains("PEM"));
        CHECK_THAT(complaint(secretJwk(text)), Catch::Contains("PEM"));
    }
}

TEST_CASE("a JWK tells whether it holds more than verifying needs") {
    CHECK_FALSE(usable(Key::fromJwk(keyFor("ES256").jwk({{"kid", "a"}}))).isPrivate());
    CHECK(usable(Key::fromJwk(keyFor("ES256").jwk({{"d", "AA"}}))).isPrivate());
}

TEST_CASE("D01: a member of a JWK that is null is as absent") {
    const Json rsa = keyFor("RS256").jwk();
    for (const char* name : {"use", "key_ops", "alg", "kid", "issuer", "x5c", "d", "p", "oth"}) {
        INFO(name);
        const Key key = usable(Key::fromJwk(with(rsa, {{name, nullptr}})));
        CHECK(key.algorithms() == usable(Key::fromJwk(rsa)).algorithms());
        CHECK(key.id().empty());
        CHECK(key.issuer().empty());
        CHECK_FALSE(key.isPrivate());
    }
    CHECK_THAT(complaint(with(rsa, {{"kty", nullptr}})), Catch::Contains("no kty"));
    CHECK_THAT(complaint(with(rsa, {{"n", nullptr}})), Catch::Contains("no RSA key"));
}

TEST_CASE("an RSA key with its primes is private also without d") {
    for (const char* part : {"p", "q", "dp", "dq", "qi", "oth"})
        CHECK(usable(Key::fromJwk(keyFor("RS256").jwk({{part, "AA"}}))).isPrivate());
}

// B7: with such a key a signature can be made without knowing a secret.
TEST_CASE("B7: Ed25519 and Ed448 keys of small order are refused") {
    const auto refusalOf = [](const char* curve, std::string bytes) {
        const Json jwk{{"kty", "OKP"}, {"crv", curve}, {"x", base64Url(bytes)}};
        const auto read = Key::fromJwk(jwk);
        const auto* fault = std::get_if<KeyFault>(&read);
        return fault ? fault->words : "";
    };
    const auto hex = [](std::string_view digits) {
        std::string out;
        for (std::size_t i = 0; i < digits.size(); i += 2)
            out += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
        return out;
    };
    for (std::string y : {std::string(64, '0'), "01" + std::string(62, '0'), "ec" + std::string(60, 'f') + "7f",
                          "ed" + std::string(60, 'f') + "7f", "ee" + std::string(60, 'f') + "7f",
                          std::string("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
                          std::string("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}) {
        for (const int sign : {0, 0x80}) {
            std::string bytes = hex(y);
            bytes.back() = static_cast<char>(bytes.back() | sign);
            INFO(y);
            CHECK_FALSE(refusalOf("Ed25519", bytes).empty());
        }
    }
    for (const std::string& y : {std::string(114, '0'), "01" + std::string(112, '0'),
                                 "fe" + std::string(54, 'f') + "fe" + std::string(54, 'f') + "00",
                                 std::string(56, 'f') + "fe" + std::string(54, 'f') + "00", // the prime itself
                                 std::string(56, '0') + std::string(56, 'f') + "00"})       // one more than it
        CHECK_FALSE(refusalOf("Ed448", hex(y)).empty());
    CHECK(refusalOf("Ed25519", hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")).empty());
}
