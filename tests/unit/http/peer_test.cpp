#include "http/peer.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::http;

TEST_CASE("X-Forwarded-For is believed only behind trusted proxies") {
    const std::vector<AddressRange> proxies{*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("::1")};
    struct Row {
        const char* what;
        const char* peer;
        std::vector<Field> fields;
        const char* client;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"a peer that is no proxy is the client", "203.0.113.9", {{"X-Forwarded-For", "1.1.1.1"}}, "203.0.113.9"},
             {"a proxy that says nothing", "10.0.0.1", {}, "10.0.0.1"},
             {"a proxy that says who", "10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}}, "1.1.1.1"},
             {"the name of the header in any case", "10.0.0.1", {{"x-forwarded-FOR", "1.1.1.1"}}, "1.1.1.1"},
             {"an IPv6 proxy", "::1", {{"X-Forwarded-For", "1.1.1.1"}}, "1.1.1.1"},
             {"what the client itself wrote before is not believed",
              "10.0.0.1",
              {{"X-Forwarded-For", "9.9.9.9, 1.1.1.1"}},
              "1.1.1.1"},
             {"a chain of proxies", "10.0.0.1", {{"X-Forwarded-For", "9.9.9.9, 1.1.1.1, 10.0.0.2"}}, "1.1.1.1"},
             {"the last header counts before the first",
              "10.0.0.1",
              {{"X-Forwarded-For", "9.9.9.9"}, {"X-Forwarded-For", "1.1.1.1"}},
              "1.1.1.1"},
             {"a chain over two headers",
              "10.0.0.1",
              {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "10.0.0.2"}},
              "1.1.1.1"},
             {"nobody but proxies: the first of them",
              "10.0.0.1",
              {{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}},
              "10.0.0.3"},
             {"an unreadable hop ends the search",
              "10.0.0.1",
              {{"X-Forwarded-For", "1.1.1.1, unknown, 10.0.0.2"}},
              "10.0.0.2"},
             {"an empty hop ends the search", "10.0.0.1", {{"X-Forwarded-For", "1.1.1.1,"}}, "10.0.0.1"},
             {"a mapped address is written as IPv4", "10.0.0.1", {{"X-Forwarded-For", "::ffff:1.1.1.1"}}, "1.1.1.1"},
             {"a port is dropped", "10.0.0.1", {{"X-Forwarded-For", "1.1.1.1:99"}}, "1.1.1.1"}}) {
        DYNAMIC_SECTION(row.what) {
            RequestHead head;
            head.fields = row.fields;
            CHECK(clientAddress(head, row.peer, proxies) == row.client);
        }
    }
}

TEST_CASE("without trusted proxies the peer is the client, whatever it says") {
    RequestHead head;
    head.fields = {{"X-Forwarded-For", "1.1.1.1"}};
    CHECK(clientAddress(head, "127.0.0.1", {}) == "127.0.0.1");
}
