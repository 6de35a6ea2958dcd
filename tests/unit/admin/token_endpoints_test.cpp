#include "admin/token_endpoints.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::admin;

TEST_CASE("the eight calls of the guide are there, each once; only two are for any token") {
    std::set<std::string> calls, forAny;
    for (const EndpointSpec& spec : tokenEndpoints()) {
        const std::string call = std::string(spec.method) + " " + spec.path;
        CHECK(calls.insert(call).second);
        if (spec.needs == Needs::anyToken) forAny.insert(call);
    }
    for (const char* call : {"POST ", "GET ", "GET /{id}", "DELETE /{id}", "PATCH /{id}", "POST /{id}/rotate",
                             "POST /validate", "GET /{id}/usage"})
        CHECK(calls.count(call) == 1);
    CHECK(forAny == std::set<std::string>{"GET /self", "POST /validate"});
}
