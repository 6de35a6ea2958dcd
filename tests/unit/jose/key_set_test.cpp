#include <gatehouse/jose/key_set.hpp>

#include <catch2/catch.hpp>

#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;

namespace {

using Origin = KeySet::Origin;

KeySet usable(std::variant<KeySet, KeyFault> read) {
    if (const auto* fault = std::get_if<KeyFault>(&read)) FAIL(fault->words);
    return std::get<KeySet>(std::move(read));
}
std::string complaint(const std::variant<KeySet, KeyFault>& read) {
    const auto* fault = std::get_if<KeyFault>(&read);
    return fault ? fault->words : "";
}

Json listOf(const std::vector<Json>& keys) { return {{"keys", keys}}; }
KeySet setOf(const std::vector<Json>& keys, Origin origin = Origin::published) {
    return usable(KeySet::fromJson(listOf(keys).dump(), origin));
}

Json rsa(const char* id) { return keyFor("RS256").jwk({{"kid", id}}); }
Json ec(const char* id) { return keyFor("ES256").jwk({{"kid", id}}); }
Json secret(const char* id) { return {{"kty", "oct"}, {"k", base64Url(secretText)}, {"kid", id}}; }

std::vector<std::string> idsOf(const KeySet& set) {
    std::vector<std::string> out;
    for (const Key& key : set.keys()) out.push_back(key.id());
    return out;
}

FetchAnswer answer(int status, std::string body) {
    FetchAnswer out;
    out.status = status;
    out.body = std::move(body);
    return out;
}

} // namespace

TEST_CASE("one odd key does not spoil a set: it is left out and named") {
    struct Row {
        const char* what;
        Json odd;
        const char* named;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"for encryption", keyFor("RS256").jwk({{"kid", "e"}, {"use", "enc"}}),
              "key 2 (kid \"e\"): its use is not sig"},
             {"without kid", Json{{"kty", "new"}}, "key 2: its kty is not known"},
             {"a kid that a terminal would obey", Json{{"kid", "\x1b[2J\n"}},
              "key 2 (kid \"\\u001b[2J\\n\"): it has no kty"},
             {"a kid that is no text", Json{{"kid", 5}, {"kty", "RSA"}}, "key 2: its kid is no text"},
             {"a long kid", Json{{"kid", std::string(65, 'k')}}, "key 2 (kid \"kkkkkkkkkkkk...\"): "},
             {"a text", "RSA", "key 2: it is no JSON object"},
             {"null", nullptr, "key 2: it is no JSON object"}}) {
        DYNAMIC_SECTION(row.what) {
            const KeySet set = setOf({rsa("a"), row.odd, ec("b")});
            CHECK(idsOf(set) == std::vector<std::string>{"a", "b"});
            REQUIRE(set.leftOut().size() == 1);
            CHECK_THAT(set.leftOut().front(), Catch::StartsWith(row.named));
            CHECK(set.leftOut().front().size() < 150);
        }
    }
}

TEST_CASE("D01: keys that share a kid are all kept, and one that cannot be used takes no other with it") {
    struct Row {
        const char* what;
        std::vector<Json> keys;
        std::vector<std::string> left;
    };
    Json badCurve = ec("a");
    badCurve["crv"] = "P-224";
    for (const Row& row : std::initializer_list<Row>{
             {"of one kind", {rsa("a"), rsa("a"), ec("b")}, {"a", "a", "b"}},
             {"of two kinds", {rsa("a"), ec("a"), ec("b")}, {"a", "a", "b"}},
             {"one of an unknown kty", {rsa("a"), Json{{"kid", "a"}, {"kty", "new"}}}, {"a"}},
             {"one of a bad curve", {badCurve, rsa("a")}, {"a"}},
             {"one without its numbers", {rsa("a"), Json{{"kid", "a"}, {"kty", "RSA"}}, ec("b")}, {"a", "b"}},
             {"one of them a secret", {rsa("a"), secret("a")}, {"a"}},
             {"one of them for encryption", {rsa("a"), keyFor("ES256").jwk({{"kid", "a"}, {"use", "enc"}})}, {"a"}},
             {"none with a kid", {keyFor("RS256").jwk(), keyFor("ES256").jwk()}, {"", ""}},
             {"kids that differ in case", {rsa("a"), ec("A")}, {"a", "A"}}}) {
        DYNAMIC_SECTION(row.what) {
            const KeySet set = setOf(row.keys);
            CHECK(idsOf(set) == row.left);
            CHECK(set.leftOut().size() == row.keys.size() - row.left.size());
        }
    }
    std::vector<Key> twins;
    for (int i = 0; i < 2; ++i) twins.push_back(std::get<Key>(Key::fromJwk(rsa("a"))));
    CHECK(KeySet::of(twins).keys().size() == 2);
}

TEST_CASE("D01: a kid chooses, and then what the token's alg needs") {
    const Json rs512 = keyFor("RS256", 1).jwk({{"kid", "a"}, {"alg", "RS512"}});
    const Json rs256 = keyFor("RS256").jwk({{"kid", "a"}, {"alg", "RS256"}});
    const KeySet set = setOf({rs512, rs256, ec("a"), rsa("b")});
    for (const auto& [algorithm, count] : {std::pair(Algorithm::RS256, 1U), std::pair(Algorithm::RS512, 1U),
                                           std::pair(Algorithm::ES256, 1U), std::pair(Algorithm::PS256, 0U)})
        CHECK(set.candidates("a", algorithm).size() == count);
    CHECK(set.candidates("a", Algorithm::RS256).front() == &set.keys()[1]);
}

TEST_CASE("J16 a published set holds no secrets and no private keys") {
    const Json privateKey = keyFor("ES256").jwk({{"kid", "p"}, {"d", "AA"}});
    const KeySet set = setOf({secret("s"), rsa("a"), privateKey});
    CHECK(idsOf(set) == std::vector<std::string>{"a"});
    REQUIRE(set.leftOut().size() == 2);
    CHECK(set.leftOut()[0] == "key 1 (kid \"s\"): a secret, which a published set must not hold");
    CHECK(set.leftOut()[1] == "key 3 (kid \"p\"): a private key, which a published set must not hold");
    for (const std::string& words : set.leftOut()) CHECK(words.find(base64Url(secretText)) == std::string::npos);
}

TEST_CASE("a set of our own may be of secrets or of others, never of both") {
    CHECK(setOf({secret("a"), secret("b")}, Origin::own).keys().size() == 2);
    CHECK(setOf({rsa("a"), keyFor("ES256").jwk({{"kid", "p"}, {"d", "AA"}})}, Origin::own).keys().size() == 2);
    const auto mixed = KeySet::fromJson(listOf({secret("a"), rsa("b")}).dump(), Origin::own);
    CHECK(complaint(mixed) == "secrets and public keys in one set");
    const auto twins = KeySet::fromJson(listOf({secret("a"), rsa("a")}).dump(), Origin::own);
    CHECK(complaint(twins) == "secrets and public keys in one set");
}

TEST_CASE("a set has at most 100 keys") {
    std::vector<Json> keys(KeySet::maxKeys, Json::object());
    keys.back() = ec("last");
    CHECK(setOf(keys).keys().size() == 1);
    keys.emplace_back(nullptr);
    CHECK_THAT(complaint(KeySet::fromJson(listOf(keys).dump(), Origin::published)), Catch::Contains("more than 100"));
}

TEST_CASE("a text is a JWK Set or one JWK, and nothing else") {
    CHECK(idsOf(usable(KeySet::fromJson(rsa("one").dump(), Origin::published))) == std::vector<std::string>{"one"});
    CHECK(setOf({}).keys().empty());
    for (const char* text : {"", "[]", "null", "\"keys\"", R"({"keys":{}})", R"({"keys":null})", R"({"keys":[]}x)",
                             R"({"keys":[],"keys":[]})", R"({"keys":[{"kty":"oct","kty":"RSA"}]})", "<html></html>"})
        CHECK_FALSE(complaint(KeySet::fromJson(text, Origin::published)).empty());
    CHECK(usable(KeySet::fromJson("{}", Origin::published)).leftOut().size() == 1);
}

TEST_CASE("a key file holds a JWK, a JWK Set or PEM") {
    CHECK(usable(KeySet::fromFileText(keyFor("ES256").publicPem())).keys().size() == 1);
    CHECK(usable(KeySet::fromFileText(ec("a").dump())).keys().size() == 1);
    CHECK(usable(KeySet::fromFileText(listOf({ec("a"), rsa("b")}).dump(2) + "\n")).keys().size() == 2);
    CHECK_THAT(complaint(KeySet::fromFileText(keyFor("ES256").privatePem())), Catch::Contains("private key"));
    CHECK_FALSE(complaint(KeySet::fromFileText("")).empty());
}

TEST_CASE("J16 what a JWK Set URL answers is a set with a key in it, or the reason why not") {
    struct Row {
        const char* what;
        FetchResult fetched;
        const char* complaint;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"nothing came", FetchFault{"connection refused"}, "connection refused"},
                                    {"not found", answer(404, listOf({rsa("a")}).dump()), "the answer is HTTP 404"},
                                    {"no content", answer(204, ""), "the answer is HTTP 204"},
                                    {"HTML", answer(200, "<!DOCTYPE html><html>"), "no JSON object"},
                                    {"cut", answer(200, listOf({rsa("a")}).dump().substr(0, 50)), "no JSON object"},
                                    {"no keys", answer(200, R"({"keys":[]})"), "no key in it can be used"},
                                    {"another document", answer(200, R"({"issuer":"https://a"})"),
                                     "no key in it can be used: key 1: it has no kty"},
                                    {"only secrets", answer(200, listOf({secret("s")}).dump()),
                                     "no key in it can be used: key 1 (kid \"s\"): a secret"}}) {
        DYNAMIC_SECTION(row.what) {
            CHECK_THAT(complaint(KeySet::fromFetched(row.fetched)), Catch::StartsWith(row.complaint));
        }
    }
    const auto mixed = KeySet::fromFetched(answer(200, listOf({secret("s"), rsa("a")}).dump()));
    CHECK(idsOf(usable(mixed)) == std::vector<std::string>{"a"});
}

TEST_CASE("a token's kid chooses among the keys, and its algorithm too") {
    struct Row {
        const char* what;
        std::vector<Json> keys;
        const char* kid;
        Algorithm algorithm;
        std::size_t candidates;
        bool has;
    };
    const Json bare = keyFor("RS256").jwk();
    for (const Row& row : std::initializer_list<Row>{
             {"the one of that kid", {rsa("a"), ec("b")}, "a", Algorithm::RS256, 1, true},
             {"that kid serves another algorithm", {rsa("a"), ec("b")}, "a", Algorithm::ES256, 0, true},
             {"an unknown kid", {rsa("a"), ec("b")}, "c", Algorithm::RS256, 0, false},
             {"a kid of which one is the beginning", {rsa("a"), ec("b")}, "ab", Algorithm::RS256, 0, false},
             {"no kid: all that serve", {rsa("a"), rsa("b"), ec("c")}, "", Algorithm::RS256, 2, true},
             {"one key without kid is meant by every kid", {bare}, "x", Algorithm::RS256, 1, true},
             {"but not for another algorithm", {bare}, "x", Algorithm::HS256, 0, true},
             {"one of two without kid is not", {bare, ec("b")}, "x", Algorithm::RS256, 0, false},
             {"no keys", {}, "", Algorithm::RS256, 0, false}}) {
        DYNAMIC_SECTION(row.what) {
            const KeySet set = setOf(row.keys);
            CHECK(set.candidates(row.kid, row.algorithm).size() == row.candidates);
            CHECK(set.has(row.kid) == row.has);
        }
    }
}
