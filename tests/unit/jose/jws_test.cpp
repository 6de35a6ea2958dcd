#include <gatehouse/jose/jws.hpp>

#include <catch2/catch.hpp>

#include "support/thread_time.hpp"
#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;
using namespace std::literals;

namespace {

using Kind = JwsRefusal::Kind;

const Json claims = {{"sub", "anna"}};

KeySet keySet(const std::vector<Json>& keys) {
    return std::get<KeySet>(KeySet::fromJson(Json{{"keys", keys}}.dump(), KeySet::Origin::own));
}
AlgorithmSet everything() {
    AlgorithmSet all = AlgorithmSet::asymmetric();
    for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}) all.add(algorithm);
    return all;
}

// Why it is refused; nothing when it is good.
std::optional<JwsRefusal> judged(const std::string& token, const KeySet& keys,
                                 const AlgorithmSet& allowed = everything()) {
    const auto parsed = parseJws(token);
    if (const auto* refusal = std::get_if<JwsRefusal>(&parsed)) return *refusal;
    return verifyJws(std::get<UnverifiedJws>(parsed), keys, allowed);
}
std::optional<Kind> kindOf(const std::optional<JwsRefusal>& refusal) {
    return refusal ? std::optional(refusal->kind) : std::nullopt;
}

// A good signature under this header, judged with the key that made it.
std::optional<Kind> withHeader(const std::string& header) {
    return kindOf(judged(mintText(header, claims.dump(), "ES256"), keySet({keyFor("ES256").jwk()})));
}
std::string es256With(const std::string& members) { return R"({"alg":"ES256",)" + members + "}"; }

} // namespace

TEST_CASE("a JWS is taken apart, and what it holds is as it was signed") {
    const std::string token = mint({{"alg", "ES256"}, {"kid", "k"}, {"typ", "JWT"}, {"x5c", {"ignored"}}}, claims);
    const auto parsed = parseJws(token);
    const auto& jws = std::get<UnverifiedJws>(parsed);
    CHECK(jws.algorithm == Algorithm::ES256);
    CHECK(jws.keyId == "k");
    CHECK(jws.header.at("typ") == "JWT");
    CHECK(jws.payload == claims.dump());
    CHECK(jws.signature.size() == 64);
    CHECK(jws.signingInput == token.substr(0, token.rfind('.')));
    CHECK(jws.signingInput.data() == token.data());
    CHECK_FALSE(judged(token, keySet({keyFor("ES256").jwk({{"kid", "k"}})})).has_value());
}

TEST_CASE("J01 a token without a signature is refused, whatever its alg is called") {
    for (const char* alg : {"none", "None", "NONE", "nOnE", "", "null"}) {
        const std::string header = Json{{"alg", alg}}.dump();
        CHECK(withHeader(header) == Kind::algorithm);
        CHECK(kindOf(judged(signingInput(header, claims.dump()) + ".", keySet({}))) == Kind::algorithm);
    }
    for (const char* header : {"{}", R"({"alg":null})", R"({"alg":["ES256"]})", R"({"alg":256})", R"({"Alg":"ES256"})",
                               R"({"alg":{"ES256":1}})", R"({"alg":"ES256\u0000"})"})
        CHECK(withHeader(header) == Kind::algorithm);
    CHECK(kindOf(judged(signingInput(R"({"alg":"ES256"})", "{}") + ".", keySet({keyFor("ES256").jwk()}))) ==
          Kind::refused);
}

TEST_CASE("J02 a public key is never an HMAC secret") {
    const SigningKey& rsa = keyFor("RS256");
    const std::string pem = rsa.publicPem();
    const std::vector<KeySet> sets{keySet({rsa.jwk()}), keySet({rsa.jwk({{"kid", "k"}})}),
                                   KeySet::of({std::get<Key>(Key::fromPem(pem))})};
    for (const std::string& secret : {pem, " " + pem, pem.substr(0, pem.size() - 1), "\r\n" + pem, rsa.publicDer(),
                                      rsa.jwk().dump(), rsa.number("n"), base64Url(rsa.number("n")), std::string()})
        for (const char* alg : {"HS256", "HS384", "HS512"})
            for (const char* kid : {"k", "other"})
                for (const KeySet& keys : sets) {
                    const std::string token = mintWithSecret({{"alg", alg}, {"kid", kid}}, claims, secret);
                    CHECK(kindOf(judged(token, keys)) == Kind::unknownKey);
                    CHECK(kindOf(judged(token, keys, {Algorithm::RS256})) == Kind::algorithm);
                }
}

TEST_CASE("J03 a key verifies only with its own algorithm") {
    const KeySet keys =
        keySet({keyFor("RS256").jwk({{"alg", "RS256"}, {"kid", "r"}}), keyFor("ES256").jwk({{"kid", "e"}})});
    CHECK_FALSE(judged(mint({{"alg", "RS256"}, {"kid", "r"}}, claims), keys).has_value());
    CHECK(kindOf(judged(mint({{"alg", "PS256"}, {"kid", "r"}}, claims), keys)) == Kind::unknownKey);
    CHECK(kindOf(judged(mint({{"alg", "RS256"}, {"kid", "e"}}, claims), keys)) == Kind::unknownKey);
    CHECK(kindOf(judged(mint({{"alg", "ES384"}, {"kid", "e"}}, claims), keys)) == Kind::unknownKey);
    const std::string header = R"({"alg":"RS384","kid":"r"})"; // says one, is signed with another
    CHECK(kindOf(judged(mintText(header, "{}", "RS256"), keySet({keyFor("RS256").jwk()}))) == Kind::badSignature);
}

TEST_CASE("J04 crit is refused in every form, and b64 unless it is what a token has without it") {
    for (const char* members : {R"("crit":["exp"],"exp":1)", R"("crit":["b64"],"b64":false)", R"("crit":[])",
                                R"("crit":"exp")", R"("crit":null)", R"("crit":["absent"])", R"("crit":{})",
                                R"("crit":["alg"])", R"("b64":false)", R"("b64":"true")", R"("b64":null)"})
        CHECK(withHeader(es256With(members)) == Kind::refused);
    CHECK_FALSE(withHeader(es256With(R"("b64":true)")).has_value());
}

TEST_CASE("D02: J05 a key that a header brings or names is not looked at: ours decides") {
    const std::string own = R"("jwk":)" + keyFor("ES256", 1).jwk().dump();
    for (const std::string& members :
         {own, std::string(R"("jwk":null)"), std::string(R"("jwk":{})"),
          std::string(R"("jku":"https://127.0.0.1/keys")"), std::string(R"("jku":1)"),
          std::string(R"("x5u":"file:///etc/passwd")"), std::string(R"("x5u":"")"),
          std::string(R"("x5c":["MIIB"],"x5t":"AA")"), std::string(R"("cty":"application/json","zip":"DEF")")}) {
        INFO(members);
        CHECK_FALSE(withHeader(es256With(members)).has_value());
        const std::string input = signingInput(es256With(members), "{}");
        const std::string foreign = joined(input, keyFor("ES256", 1).signature("ES256", input));
        CHECK(kindOf(judged(foreign, keySet({keyFor("ES256").jwk()}))) == Kind::badSignature);
        const std::string critical = members + R"(,"crit":["x5u","jwk","jku","x5c","cty"])";
        CHECK(withHeader(es256With(critical)) == Kind::refused);
    }
}

TEST_CASE("J06 a kid is compared and nothing else, whatever it looks like") {
    const KeySet keys = keySet({keyFor("ES256").jwk({{"kid", "good"}}), keyFor("RS256").jwk({{"kid", "other"}})});
    for (const std::string& kid : {"../../dev/null"s, "' OR 1=1 --"s, "|id"s, "good\0"s, "GOOD"s, "good "s, "\0"s, "%"s,
                                   std::string(20'000, 'k'), "\xF0\x9F\x94\x91"s})
        CHECK(kindOf(judged(mint({{"alg", "ES256"}, {"kid", kid}}, claims), keys)) == Kind::unknownKey);
    for (const char* kid : {"1", "null", "[\"good\"]", "{}", "true"})
        CHECK(withHeader(es256With("\"kid\":" + std::string(kid))) == Kind::refused);
    for (const char* kid : {"good", ""}) // an empty one is none
        CHECK_FALSE(judged(mint({{"alg", "ES256"}, {"kid", kid}}, claims), keys).has_value());
    CHECK(kindOf(judged(mint({{"alg", "ES256"}, {"kid", std::string(1 << 20, 'k')}}, claims), keys)) == Kind::notJws);
}

TEST_CASE("J07 a header with a member twice is refused") {
    for (const char* header :
         {R"({"alg":"ES256","alg":"none"})", R"({"alg":"none","alg":"ES256"})", R"({"alg":"ES256","\u0061lg":"ES256"})",
          R"({"alg":"ES256","kid":"a","kid":"b"})", R"({"alg":"ES256","x":{"y":1,"y":2}})"})
        CHECK(withHeader(header) == Kind::notJws);
}

TEST_CASE("J08 an ECDSA signature of zeros or in DER is refused") {
    const KeySet keys = keySet({keyFor("ES256").jwk()});
    const std::string input = signingInput(R"({"alg":"ES256"})", claims.dump());
    CHECK(kindOf(judged(joined(input, std::string(64, '\0')), keys)) == Kind::badSignature);
    CHECK(kindOf(judged(joined(input, keyFor("ES256").rawSignature("ES256", input)), keys)) == Kind::badSignature);
    CHECK_FALSE(judged(joined(input, keyFor("ES256").signature("ES256", input)), keys).has_value());
}

TEST_CASE("J11 a token has three parts in canonical base64url, or it is none") {
    struct Row {
        const char* what;
        std::string token;
    };
    const KeySet keys = keySet({keyFor("EdDSA").jwk()});
    const Json header = {{"alg", "EdDSA"}};
    const std::string good = mint(header, claims), input = signingInput(header.dump(), claims.dump());
    REQUIRE_FALSE(judged(good, keys).has_value());
    const auto replaced = [&](std::size_t at, std::string_view with) { return std::string(good).replace(at, 1, with); };
    const std::size_t dot = good.find('.'), last = good.size() - 1;
    std::string untidy = good; // 64 bytes end in a letter of which four bits are left over
    untidy[last] = static_cast<char>(untidy[last] + 1);
    for (const Row& row :
         std::initializer_list<Row>{{"nothing", ""},
                                    {"one part", good.substr(0, dot)},
                                    {"two parts", input},
                                    {"four parts", good + "."},
                                    {"four parts, all filled", good + ".AA"},
                                    {"five parts, as a JWE has", good + ".AA.AA"},
                                    {"only dots", ".."},
                                    {"an empty header", good.substr(dot)},
                                    {"a dot before it", "." + good},
                                    {"padded", good + "=="},
                                    {"a header that is padded", replaced(dot, "=.")},
                                    {"a blank before it", " " + good},
                                    {"a line break after it", good + "\n"},
                                    {"a blank within", replaced(dot, " .")},
                                    {"a line break within", replaced(dot, "\r\n.")},
                                    {"letters of base64", replaced(last - 1, "+")},
                                    {"a slash", replaced(last - 1, "/")},
                                    {"a question mark", replaced(last - 1, "?")},
                                    {"a NUL", replaced(last - 1, "\0"sv)},
                                    {"a letter beyond ASCII", replaced(last - 1, "\xC3\xA4")},
                                    {"bits left over that are not zero", untidy},
                                    {"a letter too few", good.substr(0, last)},
                                    {"JSON serialisation", R"({"payload":"e30","protected":"e30","signature":"AA"})"},
                                    {"JSON serialisation with three parts", R"({"a":"..","b":1})"},
                                    {"with its scheme", "Bearer " + good}}) {
        DYNAMIC_SECTION(row.what) { CHECK(kindOf(judged(row.token, keys)) == Kind::notJws); }
    }
}

TEST_CASE("a header that is no strict JSON object is none") {
    for (const std::string& header : {""s, "[]"s, "null"s, "\"ES256\""s, "{\"alg\":\"ES256\"}x"s,
                                      "{\"alg\":\"ES256\"}\0"s, "{\"alg\":\"ES256\",}"s, "\xFF{}"s})
        CHECK(withHeader(header) == Kind::notJws);
    CHECK_FALSE(withHeader(R"( {"alg" : "ES256"} )").has_value()); // signed as it stands
}

TEST_CASE("J12 what is large or deep costs little") {
    const auto begin = threadTime();
    CHECK(kindOf(judged(std::string(16 << 10, '.'), keySet({}))) == Kind::notJws);
    CHECK(kindOf(judged(std::string(maxTokenBytes + 1, 'A'), keySet({}))) == Kind::notJws);
    CHECK(kindOf(judged(std::string(maxTokenBytes - 4, 'A') + ".A.A", keySet({}))) == Kind::notJws);
    std::string deep = R"({"alg":"ES256","x":)";
    for (int i = 0; i < 3000; ++i) deep += "[";
    CHECK(kindOf(judged(base64Url(deep + std::string(3000, ']') + "}") + ".e30.AA", keySet({}))) == Kind::notJws);
    CHECK(threadTime() - begin < 1s); // microseconds, unless sanitized
    CHECK(withHeader(es256With(R"("x":[[[1]]])")) == std::nullopt);
    CHECK(withHeader(es256With(R"("x":[[[[1]]]])")) == Kind::notJws);
}

TEST_CASE("a token may be 64 KiB, and not a byte more") {
    const Json header = {{"alg", "HS256"}};
    const KeySet keys = KeySet::of({std::get<Key>(Key::fromSecret(secretText))});
    const std::size_t rest = base64Url(header.dump()).size() + 2 + 43;
    const std::size_t most = (maxTokenBytes - rest) / 4 * 3;
    const auto tokenOf = [&](std::size_t bytes) {
        const std::string input = signingInput(header.dump(), std::string(bytes, ' '));
        return joined(input, macOf("HS256", secretText, input));
    };
    CHECK_FALSE(judged(tokenOf(most), keys).has_value());
    CHECK(kindOf(judged(tokenOf(most + 3), keys)) == Kind::notJws);
}

TEST_CASE("J20 an algorithm that is not configured is refused although its key is there") {
    const AlgorithmSet usual{Algorithm::RS256, Algorithm::ES256};
    for (const std::string alg : {"RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "ES256K", "EdDSA"}) {
        DYNAMIC_SECTION(alg) {
            const std::string token = mint({{"alg", alg}}, claims);
            const KeySet keys = keySet({keyFor(alg).jwk()});
            CHECK_FALSE(judged(token, keys).has_value());
            const auto refusal = judged(token, keys, usual);
            CHECK(kindOf(refusal) == Kind::algorithm);
            CHECK(refusal->words == "alg " + alg + " is not allowed, only RS256, ES256");
        }
    }
}

TEST_CASE("a token without kid is tried with every key that serves, up to a limit") {
    std::vector<Json> keys;
    for (int i = 1; i <= 15; ++i) keys.push_back(keyFor("EdDSA", i).jwk({{"kid", std::to_string(i)}}));
    const std::string token = mint({{"alg", "EdDSA"}}, claims);
    CHECK(kindOf(judged(token, keySet(keys))) == Kind::badSignature);
    keys.push_back(keyFor("EdDSA").jwk({{"kid", "16"}}));
    CHECK_FALSE(judged(token, keySet(keys)).has_value());
    keys.insert(keys.begin(), keyFor("EdDSA", 17).jwk({{"kid", "17"}}));
    CHECK(kindOf(judged(token, keySet(keys))) == Kind::badSignature);
}

TEST_CASE("D01: of the keys that share a token's kid those that serve its alg are tried, up to a limit") {
    const auto twin = [](int which, const Json& more = Json::object()) {
        Json jwk = keyFor("EdDSA", which).jwk({{"kid", "k"}});
        jwk.update(more);
        return jwk;
    };
    const std::string token = mint({{"alg", "EdDSA"}, {"kid", "k"}}, claims);
    const std::vector<Json> others{keyFor("RS256").jwk({{"kid", "k"}}), keyFor("ES256").jwk({{"kid", "k"}}),
                                   twin(1, {{"use", "enc"}}), twin(2, {{"kty", "new"}}),
                                   keyFor("EdDSA", 3).jwk({{"kid", "other"}})}; // none of them counts
    std::vector<Json> keys = others;
    keys.push_back(twin(0));
    CHECK_FALSE(judged(token, keySet(keys)).has_value());
    for (int i = 1; i < static_cast<int>(maxKeysOfOneId); ++i) keys.insert(keys.begin(), twin(i));
    CHECK_FALSE(judged(token, keySet(keys)).has_value());
    keys.insert(keys.begin(), twin(9));
    CHECK(kindOf(judged(token, keySet(keys))) == Kind::badSignature);
    CHECK(kindOf(judged(token, keySet(others))) == Kind::unknownKey);
}

TEST_CASE("a refusal holds nothing of the token but short names") {
    const std::string header = Json{{"alg", "x\x1b[2J" + std::string(500, 'y')}}.dump();
    const auto refusal = judged(mintText(header, claims.dump(), "ES256"), keySet({}));
    REQUIRE(refusal.has_value());
    CHECK(refusal->words.size() < 80);
    CHECK(refusal->words.find('\x1b') == std::string::npos);
}

TEST_CASE("a changed header, payload or signature is a bad signature") {
    const KeySet keys = keySet({keyFor("ES256").jwk()});
    const std::string token = mint({{"alg", "ES256"}}, {{"scope", "read"}});
    const std::string signature = token.substr(token.rfind('.'));
    CHECK(kindOf(judged(signingInput(R"({"alg":"ES256"})", R"({"scope":"admin"})") + signature, keys)) ==
          Kind::badSignature);
    CHECK(kindOf(judged(signingInput(R"({"alg":"ES256","typ":"x"})", R"({"scope":"read"})") + signature, keys)) ==
          Kind::badSignature);
    CHECK_FALSE(judged(signingInput(R"({"alg":"ES256"})", R"({"scope":"read"})") + signature, keys).has_value());
}
