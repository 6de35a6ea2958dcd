#include "validators/token_exchange/token_exchange_validator.hpp"

#include <catch2/catch.hpp>

#include "support/declared_settings.hpp"
#include "support/scripted_host.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using token_exchange::lifeIn;
using token_exchange::TokenExchangeValidator;

namespace {

const std::string endpoint = "https://idp.example/token";

class Inner final : public TokenValidator {
public:
    ValidatorTraits traits() const override {
        ValidatorTraits traits;
        traits.runsInline = true;
        traits.authorizationServers = {"https://idp.example"};
        return traits;
    }
    Verdict validate(const TokenRequest& request) override {
        return request.token == "good" ? Verdict(Accepted{}) : Verdict(Rejected{});
    }
};

struct Scene {
    ScriptedHost host;
    Inner inner;
    Identity identity;
    std::unique_ptr<TokenExchangeValidator> validator;

    explicit Scene(const Json& more = Json::object()) {
        host.other = &inner;
        identity.expiresAt = host.now() + 1h;
        Json settings{{"validator", "inner"},
                      {"token_endpoint", endpoint},
                      {"audience", "backend"},
                      {"client_id", "gatehouse"},
                      {"client_secret", "secret"}};
        settings.update(more);
        validator = std::make_unique<TokenExchangeValidator>(settingsFor<TokenExchangeValidator>(settings), host,
                                                             [this] { return host.clock.steady(); });
        answer("one");
    }
    void answer(const std::string& credential, const Json& life = 600) {
        Json body{{"access_token", credential}, {"token_type", "Bearer"}, {"expires_in", life}};
        if (life.is_null()) body.erase("expires_in");
        host.answer(endpoint, body);
    }
    void fail(int status = 500) { host.answer(endpoint, Json::object(), status); }

    ExchangeAnswer exchange(const std::string& token = "good", const std::string& audience = "") {
        return validator->exchange({token, identity, audience, 5s});
    }
    // The credential, or "refused", or "unavailable".
    std::string got(const std::string& token = "good", const std::string& audience = "") {
        const ExchangeAnswer answer = exchange(token, audience);
        if (const auto* yes = std::get_if<Exchanged>(&answer)) return yes->credential;
        return std::holds_alternative<Unavailable>(answer) ? "unavailable" : "refused";
    }
    std::size_t asked() const { return host.asked().size(); }
};

} // namespace

TEST_CASE("the inner validator judges, and what it says of itself is told but for the exchange") {
    Scene scene;
    CHECK(wordFor(*scene.validator, "good") == "accepted");
    CHECK(wordFor(*scene.validator, "bad") == "unknown");
    const ValidatorTraits traits = scene.validator->traits();
    CHECK(traits.exchanges);
    CHECK_FALSE(traits.runsInline);
    CHECK(traits.authorizationServers == std::vector<std::string>{"https://idp.example"});
}

TEST_CASE("G02: an exchanged token is kept until it ends, and asked for anew from then on") {
    Scene scene;
    scene.answer("one", 600);
    CHECK(scene.got() == "one");
    scene.answer("two", 600);
    scene.host.clock.turn(600s - 1ms);
    CHECK(scene.got() == "one");
    CHECK(scene.asked() == 1);
    scene.host.clock.turn(1ms);
    CHECK(scene.got() == "two");
    CHECK(scene.asked() == 2);
}

TEST_CASE("G02: an exchanged token is never kept past the end of the caller's own") {
    Scene scene;
    scene.identity.expiresAt = scene.host.now() + 30s;
    CHECK(scene.got() == "one");
    scene.answer("two");
    scene.host.clock.turn(30s - 1ms);
    CHECK(scene.got() == "one");
    scene.host.clock.turn(1ms);
    CHECK(scene.got() == "two");
}

TEST_CASE("G02: what is kept is of one token and one audience") {
    Scene scene(Json{{"allowed_audiences", {"other"}}});
    CHECK(scene.got("good") == "one");
    scene.answer("two");
    CHECK(scene.got("another") == "two");
    scene.answer("three");
    CHECK(scene.got("good", "other") == "three");
    CHECK(scene.got("good") == "one");
    CHECK(scene.got("good", "backend") == "one");
    CHECK(scene.got("good", "a stranger's") == "refused");
    CHECK(scene.asked() == 3);
}

TEST_CASE("G02: refusals and failures are not kept") {
    Scene scene;
    for (const int status : {400, 403}) {
        scene.fail(status);
        CHECK(scene.got() == "refused");
    }
    scene.fail(500);
    CHECK(scene.got() == "unavailable");
    scene.answer("one");
    CHECK(scene.got() == "one");
}

TEST_CASE("G02: a failure that says nothing of the token is no refusal") {
    for (const int status : {401, 429, 500, 503}) { // 401: it is us whom it does not know
        Scene scene;
        scene.fail(status);
        INFO(status);
        CHECK(scene.got() == "unavailable");
    }
}

TEST_CASE("G02: after three failures in a row nobody is asked for 10 s, and then one attempt decides") {
    Scene scene;
    scene.fail();
    for (int i = 0; i < 3; ++i) CHECK(scene.got() == "unavailable");
    CHECK(scene.asked() == 3);
    scene.answer("one");
    const ExchangeAnswer resting = scene.exchange();
    REQUIRE(std::holds_alternative<Unavailable>(resting));
    CHECK(std::get<Unavailable>(resting).retryAfter >= 10s);
    CHECK(std::get<Unavailable>(resting).retryAfter <= 11s);
    scene.host.clock.turn(10s - 1ms);
    CHECK(scene.got() == "unavailable");
    CHECK(scene.asked() == 3);
    scene.host.clock.turn(1ms);
    scene.fail();
    CHECK(scene.got() == "unavailable"); // asked, and failed again: another rest
    CHECK(scene.asked() == 4);
    CHECK(scene.got() == "unavailable");
    CHECK(scene.asked() == 4);
    scene.host.clock.turn(10s);
    scene.answer("one");
    CHECK(scene.got() == "one");
    CHECK(scene.got("another") == "one");
    CHECK(scene.asked() == 6);
}

TEST_CASE("G02: two failures, or three with a good answer between them, stop nobody; a refusal is an answer") {
    Scene scene;
    for (const int status : {500, 500, 400, 503, 429, 400, 500, 401}) {
        scene.fail(status);
        scene.got();
    }
    scene.answer("one");
    CHECK(scene.got() == "one");
    CHECK(scene.asked() == 9);
}

TEST_CASE("G02: what is kept is given out also while the endpoint rests") {
    Scene scene;
    CHECK(scene.got("good") == "one");
    scene.fail();
    for (int i = 0; i < 4; ++i) CHECK(scene.got("another") == "unavailable");
    CHECK(scene.got("good") == "one");
}

TEST_CASE("D08: expires_in as a string or with a fraction means its seconds, and nonsense is as absent") {
    struct Row {
        const char* json;
        std::optional<std::chrono::milliseconds> life;
    };
    for (const Row& row : std::initializer_list<Row>{{"3600", 3600s},
                                                     {"\"3600\"", 3600s},
                                                     {"1.0", 1s},
                                                     {"0.9", 900ms},
                                                     {"\"0.5\"", 500ms},
                                                     {"\"1.0\"", 1s},
                                                     {"0", 0s},
                                                     {"-5", 0s},
                                                     {"1e3", 1000s},
                                                     {"1e300", 24h},
                                                     {"999999999999", 24h},
                                                     {"\"99999999999999999999999\"", 24h},
                                                     {"null", {}},
                                                     {"true", {}},
                                                     {"[3600]", {}},
                                                     {"{}", {}},
                                                     {"\"\"", {}},
                                                     {"\"soon\"", {}},
                                                     {"\"1h\"", {}},
                                                     {"\" 60\"", {}},
                                                     {"\"-60\"", {}},
                                                     {"\"1e3\"", {}},
                                                     {"\"nan\"", {}},
                                                     {"\"inf\"", {}},
                                                     {"\"0x10\"", {}},
                                                     {"\"1.2.3\"", {}}}) {
        DYNAMIC_SECTION(row.json) { CHECK(lifeIn(Json{{"expires_in", Json::parse(row.json)}}) == row.life); }
    }
    CHECK_FALSE(lifeIn(Json::object()).has_value());
}

TEST_CASE("D08: a life that is a string or a fraction is kept, and one that is not told is a minute") {
    for (const auto& [told, life] : {std::pair(Json("120"), 120'000ms), std::pair(Json(1.5), 1500ms),
                                     std::pair(Json("soon"), 60'000ms), std::pair(Json(), 60'000ms)}) {
        Scene scene;
        scene.answer("one", told);
        CHECK(scene.got() == "one");
        scene.answer("two");
        scene.host.clock.turn(life - 1ms);
        CHECK(scene.got() == "one");
        scene.host.clock.turn(1ms);
        CHECK(scene.got() == "two");
    }
}

TEST_CASE("an answer that is no bearer token for somebody else is none") {
    Scene scene;
    scene.host.answer(endpoint, Json{{"access_token", "good"}, {"token_type", "Bearer"}});
    CHECK(scene.got("good") == "refused"); // the caller's own came back
    scene.host.answer(endpoint, Json{{"access_token", "x"}, {"token_type", "DPoP"}});
    CHECK(scene.got() == "refused");
    for (const Json& odd : {Json(""), Json(5), Json()}) {
        scene.host.answer(endpoint, Json{{"access_token", odd}, {"token_type", "Bearer"}});
        CHECK(scene.got() == "unavailable");
    }
}

TEST_CASE("D06: the endpoint that the operator wrote may be anywhere, and is given the time that is left") {
    Scene scene;
    scene.got();
    const FetchRequest asked = scene.host.asked().at(0);
    CHECK_FALSE(asked.publicOnly);
    CHECK(asked.timeout == 5s);
    CHECK_THAT(asked.body, Catch::Contains("subject_token=good&") && Catch::Contains("&audience=backend"));
}

TEST_CASE("the scope and the resource of the settings are asked for, and nobody is waited for longer than 10 s") {
    Scene scene(Json{{"scope", "read write"}, {"resource", "https://b.example/x"}});
    scene.validator->exchange({"good", scene.identity, "", 60s});
    const FetchRequest asked = scene.host.asked().at(0);
    CHECK(asked.timeout == 10s);
    CHECK_THAT(asked.body + "&", Catch::Contains("&scope=read%20write&"));
    CHECK_THAT(asked.body + "&", Catch::Contains("&resource=https%3A%2F%2Fb.example%2Fx&"));
}
