#include "tokens/token_request.hpp"

#include <catch2/catch.hpp>

#include "base/time_text.hpp"
#include "support/sample_tokens.hpp"

using namespace gatehouse;
using test::sampleTime;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string_view> everything{
    "name",  "scopes",    "expires_in_days", "expires_at", "rate_limit",  "burst", "max_calls",    "networks",
    "tools", "databases", "labels",          "not_before", "description", "owner", "max_idle_days"};

TokenEntry applied(const std::string& json) {
    TokenEntry entry;
    applyRequest(Json::parse(json), everything, sampleTime, entry);
    return entry;
}

std::string faultOf(const std::string& json) {
    try {
        applied(json);
    } catch (const TokenRequestError& fault) {
        return fault.member();
    }
    return "";
}

} // namespace

TEST_CASE("what is asked for is what the token gets") {
    const TokenEntry entry =
        applied(R"({"name":"n","scopes":["a","b","a"],"expires_in_days":30,"rate_limit":10,"burst":2,
        "max_calls":5,"networks":{"allow":["10.0.0.0/8"],"deny":["10.1.0.0/16"]},"tools":{"allow":["q_*"]},
        "databases":["main"],"labels":{"team":"x"},"description":"d","owner":"o","max_idle_days":7})");
    CHECK(entry.record.note == "n");
    CHECK(entry.terms.scopes == std::vector<std::string>{"a", "b"});
    CHECK(entry.record.expiresAt == sampleTime + 24h * 30);
    CHECK(entry.terms.callsPerHour == 10);
    CHECK(entry.terms.burst == 2);
    CHECK(entry.terms.maxCalls == 5);
    CHECK(entry.terms.networks.deny == std::vector<std::string>{"10.1.0.0/16"});
    CHECK(entry.terms.tools.allow == std::vector<std::string>{"q_*"});
    CHECK(entry.labels.at("team") == "x");
    CHECK(entry.owner == "o");
    CHECK(entry.maxIdleDays == 7);
}

TEST_CASE("a wrong member is named") {
    const std::string longName(201, 'x');
    struct Row {
        std::string json, member;
    };
    for (const Row& row :
         std::initializer_list<Row>{{R"({"name":""})", "name"},
                                    {R"({"name":")" + longName + "\"}", "name"},
                                    {R"({"name":"a\nb"})", "name"},
                                    {R"({"name":"a\u007f"})", "name"},
                                    {R"({"name":"\ufffe"})", "name"},
                                    {R"({"name":"a\uffffb"})", "name"},
                                    {R"({"name":"\ufdd0"})", "name"},
                                    {R"({"name":"\ud83f\udffe"})", "name"},
                                    {R"({"description":"\udbff\udfff"})", "description"},
                                    {R"({"labels":{"\ufffe":"x"}})", "labels"},
                                    {R"({"name":5})", "name"},
                                    {R"({"scopes":[]})", "scopes"},
                                    {R"({"scopes":"read"})", "scopes"},
                                    {R"({"scopes":["a b"]})", "scopes"},
                                    {R"({"expires_in_days":0})", "expires_in_days"},
                                    {R"({"expires_in_days":366})", "expires_in_days"},
                                    {R"({"expires_in_days":-1})", "expires_in_days"},
                                    {R"({"expires_in_days":1.5})", "expires_in_days"},
                                    {R"({"expires_in_days":"30"})", "expires_in_days"},
                                    {R"({"expires_in_days":18446744073709551615})", "expires_in_days"},
                                    {R"({"expires_in_days":3,"expires_at":"2024-11-30T00:00:00Z"})", "expires_at"},
                                    {R"({"expires_at":"2020-01-01T00:00:00Z"})", "expires_at"},
                                    {R"({"expires_at":"2030-01-01T00:00:00Z"})", "expires_at"},
                                    {R"({"expires_at":"soon"})", "expires_at"},
                                    {R"({"rate_limit":0})", "rate_limit"},
                                    {R"({"rate_limit":-1})", "rate_limit"},
                                    {R"({"rate_limit":"x"})", "rate_limit"},
                                    {R"({"networks":{"allow":["everywhere"]}})", "networks"},
                                    {R"({"networks":{"allow":["10.0.0.0/33"]}})", "networks"},
                                    {R"({"networks":["10.0.0.0/8"]})", "networks"},
                                    {R"({"tools":{"only":["a"]}})", "tools"},
                                    {R"({"labels":{"a":5}})", "labels.a"},
                                    {R"({"expires_in_days":1,"not_before":"2024-11-30T00:00:00Z"})", "not_before"},
                                    {R"({"not_before":"0082-04-05T00:00:00Z"})", "not_before"},
                                    {R"({"not_before":"9999-04-05T00:00:00Z"})", "not_before"},
                                    {R"({"id":"x"})", "id"},
                                    {R"({"token":"x"})", "token"},
                                    {R"([])", "body"}})
        CHECK(faultOf(row.json) == row.member);
    for (const char* days : {"1", "365"}) CHECK(faultOf(std::string(R"({"expires_in_days":)") + days + "}").empty());
}

TEST_CASE("a name has up to 200 characters, however many bytes each of them has") {
    for (const char* one : {"x", "\xC3\xA9", "\xEF\xBF\xBD", "\xEF\xB7\xB0", "\xF0\x9F\xBF\xBD", "\xF0\x9F\x94\x91"}) {
        std::string name;
        for (int i = 0; i < 200; ++i) name += one;
        CHECK(applied(Json({{"name", name}}).dump()).record.note == name);
        CHECK(faultOf(Json({{"name", name + one}}).dump()) == "name");
    }
}

TEST_CASE("why a token is revoked is a short line, or nothing") {
    CHECK(shownTextFrom("reason", "").empty());
    CHECK(shownTextFrom("reason", std::string(200, 'x')).size() == 200);
    for (const Json& wrong : {Json("a\nb"), Json(std::string(201, 'x')), Json(5), Json("\xC3")})
        CHECK_THROWS_AS(shownTextFrom("reason", wrong), TokenRequestError);
}

TEST_CASE("a member that may not be given here is refused, and none is ignored") {
    TokenEntry entry;
    CHECK_THROWS_WITH(applyRequest({{"owner", "x"}}, {"name", "scopes"}, sampleTime, entry),
                      "owner: cannot be given here; expected any of name, scopes");
}

TEST_CASE("times as people type them") {
    CHECK(durationFrom("2s") == 2s);
    CHECK(durationFrom("90m") == 90min);
    CHECK(durationFrom("24h") == 24h);
    CHECK(durationFrom("7d") == 24h * 7);
    CHECK(durationFrom("2w") == 24h * 14);
    CHECK(durationFrom("0s") == 0s);
    for (const char* none : {"", "7", "d", "-1d", "1.5h", "7 d", "7days", "99999999999999d"})
        CHECK_FALSE(durationFrom(none));
}
