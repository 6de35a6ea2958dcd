#include "validators/jwt/jwt_validator.hpp"

#include <catch2/catch.hpp>

#include "support/declared_settings.hpp"
#include "support/scratch_folder.hpp"
#include "support/scripted_host.hpp"
#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using jwt::JwtValidator;

namespace {

const std::string us = "https://mcp.example.com/mcp", keysUrl = "https://10.0.0.7/jwks";

struct Scene {
    ScriptedHost host;
    std::unique_ptr<JwtValidator> validator;

    void make(const Json& settings) {
        validator = std::make_unique<JwtValidator>(settingsFor<JwtValidator>(settings), host,
                                                   [this] { return host.clock.steady(); });
    }
    Json claims(const Json& more = Json::object()) const {
        Json out{{"sub", "anna"}, {"aud", us}, {"exp", secondsOf(host.now()) + 300}};
        out.update(more);
        return out;
    }
    std::string token(const Json& more = Json::object(), const Json& header = {{"alg", "HS256"}}) const {
        return mintWithSecret(header, claims(more), secretText);
    }
    std::string word(const std::string& token) const { return wordFor(*validator, token); }
    Verdict verdict(const std::string& token) const { return validator->validate(requestWith(token)); }
    std::vector<TokenCheck> trace(const std::string& token) const {
        std::vector<TokenCheck> out;
        TokenRequest request = requestWith(token);
        request.trace = &out;
        static_cast<void>(validator->validate(request));
        return out;
    }
};

} // namespace

TEST_CASE("exactly one setting says what tokens are signed with") {
    const ScriptedHost host;
    CHECK_THAT(refusalOf<JwtValidator>(Json::object(), host), Catch::StartsWith("expected one of secret, "));
    CHECK_THAT(refusalOf<JwtValidator>({{"secret", secretText}, {"jwks_url", keysUrl}}, host),
               Catch::Contains("is there as well as secret"));
    CHECK_THAT(refusalOf<JwtValidator>({{"secret", "short"}}, host), Catch::StartsWith("secret: "));
    CHECK_THAT(refusalOf<JwtValidator>({{"secret", secretText}, {"audience", ""}}, host),
               Catch::StartsWith("audience: "));
}

TEST_CASE("D13: one line end at the end of the secret is no part of it") {
    const ScratchFolder folder;
    Scene scene;
    for (const char* end : {"", "\n", "\r\n"}) {
        scene.make({{"secret", secretText + end}});
        CHECK(scene.word(scene.token()) == "accepted");
        scene.make({{"secret", "file:" + folder.write("secret", secretText + end)}});
        CHECK(scene.word(scene.token()) == "accepted");
    }
    scene.make({{"secret", secretText + "\n\n"}}); // the first of them is
    CHECK(scene.word(scene.token()) == "bad signature");
    CHECK(scene.word(mintWithSecret({{"alg", "HS256"}}, scene.claims(), secretText + "\n")) == "accepted");
    CHECK(refusalOf<JwtValidator>({{"secret", "\r\n"}}, scene.host) == "secret: is empty");
}

TEST_CASE("D05: a JWT is judged with leeway_seconds, 10 when it is not set") {
    for (const auto& [setting, leeway] : {std::pair(Json::object(), 10s), std::pair(Json{{"leeway_seconds", 0}}, 0s),
                                          std::pair(Json{{"leeway_seconds", "60"}}, 60s)}) {
        Scene scene;
        Json settings{{"secret", secretText}};
        settings.update(setting);
        scene.make(settings);
        const std::string token = scene.token(), early = scene.token({{"nbf", secondsOf(scene.host.now()) + 100}});
        CHECK(wordFor(scene.verdict(early)) == "forbidden");
        CHECK(keptFor(scene.verdict(early), scene.host.now()) == 0s);
        scene.host.clock.turn(100s - leeway);
        CHECK(scene.word(early) == "accepted");
        scene.host.clock.turn(200s + leeway * 2 - 1ms);
        CHECK(scene.word(token) == "accepted");
        CHECK(keptFor(scene.verdict(token), scene.host.now()) == 1ms);
        scene.host.clock.turn(1ms);
        CHECK(scene.word(token) == "expired");
    }
}

TEST_CASE("a key is taken with the algorithm that it is most used with, and with others when they are asked for") {
    Scene scene;
    scene.make({{"secret", secretText}});
    const std::string strong = scene.token(Json::object(), {{"alg", "HS512"}});
    CHECK(scene.word(strong) == "malformed");
    CHECK(scene.word(scene.token()) == "accepted");
    scene.make({{"secret", secretText}, {"algorithms", "HS512"}});
    CHECK(scene.word(strong) == "accepted");
    CHECK(scene.word(scene.token()) == "malformed");
}

TEST_CASE("D14: a user_id may be a whole number, a sub may not") {
    Scene scene;
    scene.make({{"secret", secretText}});
    const auto subjectOf = [&](const Json& more) {
        Json claims = scene.claims(more);
        if (!more.contains("sub")) claims.erase("sub");
        const Verdict verdict = scene.verdict(mintWithSecret({{"alg", "HS256"}}, claims, secretText));
        const auto* yes = std::get_if<Accepted>(&verdict);
        return yes ? yes->identity.subject : wordFor(verdict);
    };
    CHECK(subjectOf({{"user_id", 5}}) == "5");
    CHECK(subjectOf({{"user_id", "5"}}) == "5");
    CHECK(subjectOf({{"user_id", 18446744073709551615ULL}}) == "18446744073709551615");
    CHECK(subjectOf({{"user_id", 5}, {"sub", nullptr}}) == "5");
    CHECK(subjectOf({{"user_id", 5}, {"sub", "anna"}}) == "anna");
    for (const Json& odd : {Json(1.5), Json(true), Json(""), Json(nullptr), Json::array({5})})
        CHECK(subjectOf({{"user_id", odd}}) == "malformed");
    CHECK(subjectOf({{"sub", 5}, {"user_id", 5}}) == "malformed");
}

TEST_CASE("a token that is not in the store is refused where the store is asked") {
    Scene scene;
    scene.make({{"secret", secretText}, {"check_token_store", true}});
    CHECK(scene.word(scene.token()) == "revoked");
    scene.host.stored = TokenStoreDown{};
    CHECK(scene.word(scene.token()) == "unavailable");
    TokenRecord record;
    record.id = "7";
    scene.host.stored = record;
    const Verdict verdict = scene.verdict(scene.token({{"jti", "x"}}));
    CHECK(std::get<Accepted>(verdict).identity.tokenId == "7");
    CHECK(scene.word(scene.token({{"aud", "x"}})) == "wrong audience");
}

TEST_CASE("a token lasts no longer than its record where the store is asked") {
    Scene scene;
    scene.make({{"secret", secretText}, {"check_token_store", true}});
    TokenRecord record;
    record.expiresAt = scene.host.now() + 60s;
    scene.host.stored = record;
    const std::string token = scene.token(); // its own end is in 300 s
    const Verdict verdict = scene.verdict(token);
    CHECK(std::get<Accepted>(verdict).identity.expiresAt == record.expiresAt);
    CHECK(keptFor(verdict, scene.host.now()) == 60s);
    scene.host.clock.turn(60s - 1ms);
    CHECK(scene.word(token) == "accepted");
    scene.host.clock.turn(1ms);
    CHECK(scene.word(token) == "expired");
    const auto trace = scene.trace(token);
    CHECK_FALSE(trace.back().passed);
    CHECK(trace.back().detail == "expired");
}

TEST_CASE("D06: keys of a URL that the operator wrote are fetched wherever it is, and their age counts") {
    Scene scene;
    scene.host.answer(keysUrl, Json{{"keys", {keyFor("ES256").jwk({{"kid", "a"}})}}});
    scene.make({{"jwks_url", keysUrl}});
    const std::string token = mint({{"alg", "ES256"}, {"kid", "a"}}, scene.claims({{"exp", 4102444800}}));
    static_cast<void>(scene.trace(token)); // waits for the first load
    CHECK(scene.word(token) == "accepted");
    CHECK(keptFor(scene.verdict(token), scene.host.now()) == 300s); // a key may be gone unnoticed for so long
    CHECK_FALSE(scene.host.asked().at(0).publicOnly);
    scene.host.clock.turn(24h);
    CHECK(scene.word(token) == "accepted");
    scene.host.clock.turn(1ms);
    CHECK(scene.word(token) == "unavailable");
    CHECK_FALSE(scene.validator->traits().runsInline);
}

TEST_CASE("a secret is judged on the loop, a key pair's signature on a worker") {
    Scene scene;
    scene.make({{"secret", secretText}});
    CHECK(scene.validator->traits().runsInline);
    scene.make({{"public_key", keyFor("ES256").publicPem()}});
    CHECK_FALSE(scene.validator->traits().runsInline);
    CHECK(scene.word(mint({{"alg", "ES256"}}, scene.claims())) == "accepted");
    CHECK(scene.word(scene.token()) == "malformed"); // HS256 with a public key: algorithm confusion
}
