#include "config/environment_names.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("B4: a name of ours that is no setting is told, with the one that may be meant") {
    CHECK(unknownNames({"GATEHOUSE_HTTP_ADRESS"}) ==
          std::vector<std::string>{
              "GATEHOUSE_HTTP_ADRESS: no such setting, ignored; did you mean GATEHOUSE_HTTP_ADDRESS?"});
    CHECK(unknownNames({"GATEHOUSE_WHATEVER_ELSE"}) ==
          std::vector<std::string>{"GATEHOUSE_WHATEVER_ELSE: no such setting, ignored"});
    CHECK(
        unknownNames({"GATEHOUSE_HTTP_ADDRESS", "GATEHOUSE_AUTH_LIMITS_FAILURES_PER_MINUTE", "HOME", "GATE"}).empty());
}

TEST_CASE("B4: the names that Kubernetes sets for a service called gatehouse are no misspelt settings") {
    CHECK(unknownNames({"GATEHOUSE_SERVICE_HOST", "GATEHOUSE_SERVICE_PORT", "GATEHOUSE_SERVICE_PORT_HTTP",
                        "GATEHOUSE_PORT", "GATEHOUSE_PORT_8080_TCP", "GATEHOUSE_PORT_8080_TCP_ADDR",
                        "GATEHOUSE_METRICS_SERVICE_HOST", "GATEHOUSE_METRICS_PORT_9090_TCP_PROTO"})
              .empty());
    CHECK(unknownNames({"GATEHOUSE_PORTS"}).size() == 1);
}
