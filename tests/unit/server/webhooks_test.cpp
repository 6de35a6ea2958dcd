#include "server/webhooks.hpp"

#include <catch2/catch.hpp>

#include "support/sqlite_site.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* secret = "sixteen bytes or more";

struct Site : SqliteSite {
    Site() {
        webhooks.step();
        add("a", "one");
    }
    FetchResult answer = FetchAnswer{200, "", ""};
    std::vector<FetchRequest> asked;
    Webhooks webhooks{
        {{.url = "https://hook.example/x", .secret = secret, .events = {"created"}}},
        store,
        useSource,
        WebhookDeps{
            .clock = clock, .log = log.log, .telemetry = telemetry, .fetch = [this](const FetchRequest& request) {
                asked.push_back(request);
                return answer;
            }}};
};

std::string headerOf(const FetchRequest& request, const std::string& name) {
    for (const auto& [known, value] : request.headers)
        if (known == name) return value;
    return {};
}

} // namespace

TEST_CASE("an event is sent once, signed over its time and its body, and only to the public internet") {
    Site site;
    site.webhooks.step();
    REQUIRE(site.asked.size() == 1);
    const FetchRequest& sent = site.asked[0];
    CHECK(sent.method == "POST");
    CHECK(sent.publicOnly);
    const std::string signature = headerOf(sent, "Gatehouse-Signature");
    const std::string time = signature.substr(2, signature.find(',') - 2);
    CHECK(signature == "t=" + time + ",v1=" + hex(hmacSha256(secret, time + "." + sent.body)));
    CHECK(Json::parse(sent.body)["type"] == "token.created");
    for (int i = 0; i < 3; ++i) site.webhooks.step();
    CHECK(site.asked.size() == 1);
}

TEST_CASE("what is not taken is sent again, five times in all, and then given up with a line in the log") {
    for (const FetchResult& no : {FetchResult(FetchAnswer{500, "", ""}), FetchResult(FetchAnswer{302, "", ""}),
                                  FetchResult(FetchFault{"no route"})}) {
        Site site;
        site.answer = no;
        site.webhooks.step();
        for (const auto wait : Webhooks::waits) {
            const std::size_t before = site.asked.size();
            site.clock.turn(wait - 1s);
            if (wait > 1s) site.webhooks.step();
            CHECK(site.asked.size() == before);
            site.clock.turn(1s);
            site.webhooks.step();
            CHECK(site.asked.size() == before + 1);
        }
        site.clock.turn(24h);
        site.webhooks.step();
        CHECK(site.asked.size() == 5);
        CHECK(site.log.text().find("given up after 5 tries") != std::string::npos);
    }
}

TEST_CASE("one whose receiver has left the settings is dropped") {
    Site site;
    site.answer = FetchFault{"down"};
    site.webhooks.step();
    std::size_t asked = 0;
    Webhooks others(
        {{.url = "https://other.example", .secret = secret, .events = {}}}, site.store, site.useSource,
        WebhookDeps{
            .clock = site.clock, .log = site.log.log, .telemetry = site.telemetry, .fetch = [&](const FetchRequest&) {
                ++asked;
                return FetchAnswer{200, "", ""};
            }});
    site.clock.turn(1h);
    others.step();
    CHECK(asked == 0);
    site.webhooks.step();
    CHECK(site.asked.size() == 1);
}
