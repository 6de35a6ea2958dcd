// A token that ends between the head and the end of the body of its request.
#include "mcp/transport/endpoint.hpp"

#include <catch2/catch.hpp>

#include "support/protocol_site.hpp"

using namespace gatehouse;
using namespace gatehouse::http;
using namespace gatehouse::test;

TEST_CASE("T25: a token that ends while the body of its request comes is asked for again") {
    struct Row {
        const char* what;
        std::function<void(ProtocolSite&)> happens;
        bool validatorIsInline;
        int status;
        const char* told;
    };
    const auto refuses = [](ProtocolSite& site) {
        site.validator.verdict = [](const TokenRequest&) { return Rejected{Rejected::Reason::unknown, "", {}}; };
        site.gate->authenticator().tokensGone({"alice"});
    };
    for (const Row& row : std::initializer_list<Row>{
             {"nothing ends", [](ProtocolSite&) {}, true, 200, "ok "},
             {"another token ends", [](ProtocolSite& site) { site.gate->authenticator().tokensGone({"bob"}); }, true,
              200, "ok "},
             {"it ends", refuses, true, 401, "rejected unknown"},
             {"all verdicts are dropped, and it is as good as before",
              [](ProtocolSite& site) { site.gate->authenticator().dropVerdicts(""); }, true, 200, "ok "},
             {"it ends, and the validator cannot be asked in between", refuses, false, 401, "rejected revoked"}}) {
        DYNAMIC_SECTION(row.what) {
            ProtocolSite site(row.validatorIsInline);
            site.send(post(takesJson + alice), rpc("tools/list")); // its verdict is kept from now on
            FakeExchange slow(site.thread.loop, post(takesJson + alice), rpc("tools/list"));
            REQUIRE(site.thread.on([&] { return site.endpoint->onHead(slow); }) == HeadAnswer::go);
            site.thread.on([&] { row.happens(site); });
            site.thread.on([&] { site.endpoint->onRequest(slow); });
            CHECK(slow.status == row.status);
            CHECK(site.telemetry.decisions.back() == row.told);
        }
    }
}
