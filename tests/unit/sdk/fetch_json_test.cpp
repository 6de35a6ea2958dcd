#include <gatehouse/fetch_json.hpp>

#include <catch2/catch.hpp>
#include <gatehouse/form.hpp>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

// sdk.md's corporate validator: a company API says who a token is.
class Corp final : public TokenValidator {
public:
    explicit Corp(const Host& host) : host_(host) {}
    Verdict validate(const TokenRequest& request) override {
        const auto got = fetchJson(host_, "https://corp.example/whoami", request.token);
        if (const auto* instead = std::get_if<Verdict>(&got)) return *instead;
        const Json& said = std::get<Json>(got);
        if (said.value("active", Json()) != Json(true)) return reject(Reason::unknown, "not active");
        return accept("corp", said.at("sub")).expires(said.at("exp")).keepFor(std::chrono::seconds(30));
    }

private:
    const Host& host_;
};

Verdict judged(FetchResult answer) {
    FakeHost host;
    host.answer = [&](const FetchRequest&) { return answer; };
    Corp corp(host);
    return judge(corp, "token");
}

} // namespace

TEST_CASE("a validator on a company's API: one request, with the token as bearer token") {
    FakeHost host;
    host.answer = [](const FetchRequest&) {
        return FetchAnswer{200, R"({"active":true,"sub":"u7","exp":1700000600})", "application/json"};
    };
    Corp corp(host);
    const Verdict verdict = judge(corp, "secret-token");
    REQUIRE(identityIn(verdict));
    CHECK(identityIn(verdict)->isolationKey == "corp:u7");
    REQUIRE(host.fetched.size() == 1);
    CHECK(host.fetched[0].url == "https://corp.example/whoami");
    CHECK(host.fetched[0].method == "GET");
    CHECK(host.fetched[0].headers[0] == std::pair<std::string, std::string>("Authorization", "Bearer secret-token"));
}

TEST_CASE("a validator may send a form instead") {
    FakeHost host;
    host.answer = [](const FetchRequest&) { return FetchAnswer{200, R"({"active":true})", "application/json"}; };
    const auto got = fetchJson(host, formRequest("https://id.example/introspect", {{"token", "t"}}));
    CHECK(std::get<Json>(got).at("active") == true);
    REQUIRE(host.fetched.size() == 1);
    CHECK(host.fetched[0].method == "POST");
    CHECK(host.fetched[0].body == "token=t");
    host.answer = [](const FetchRequest&) { return FetchAnswer{500, "", ""}; };
    const auto none = fetchJson(host, formRequest("https://id.example/introspect", {}));
    CHECK(std::get<Unavailable>(std::get<Verdict>(none)).detail == "https://id.example/introspect answered 500");
}

TEST_CASE("only an answer about the token refuses it; anything else is unavailable, and nothing falls open") {
    for (const int status : {401, 403, 404}) CHECK(isRejected(judged(FetchAnswer{status, "{}", ""}), Reason::unknown));
    for (const int status : {0, 204, 301, 400, 429, 500, 503})
        CHECK(isUnavailable(judged(FetchAnswer{status, R"({"active":true})", ""})));
    for (const char* body : {"", "[]", "true", "{", R"({"active":true)"})
        CHECK(isUnavailable(judged(FetchAnswer{200, body, ""})));
    CHECK(isUnavailable(judged(FetchFault{"timed out"})));
    CHECK(isRejected(judged(FetchAnswer{200, R"({"active":false})", ""}), Reason::unknown));
    CHECK(isRejected(judged(FetchAnswer{200, "{}", ""}), Reason::unknown));
}

TEST_CASE("what is refused or unavailable does not hold the token") {
    for (const FetchResult& answer :
         std::vector<FetchResult>{FetchAnswer{401, "", ""}, FetchAnswer{500, "", ""}, FetchFault{"no route"}}) {
        const Verdict verdict = judged(answer);
        const std::string said = std::holds_alternative<Rejected>(verdict) ? std::get<Rejected>(verdict).detail
                                                                           : std::get<Unavailable>(verdict).detail;
        CHECK(said.find("token") == std::string::npos);
        CHECK_FALSE(said.empty());
    }
}
