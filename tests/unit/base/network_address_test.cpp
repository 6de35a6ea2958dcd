#include "base/network_address.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("an address has one canonical form") {
    struct Row {
        const char* what;
        const char *text, *canonical; // null: no address
    };
    for (const Row& row :
         std::initializer_list<Row>{{"IPv4", "192.0.2.1", "192.0.2.1"},
                                    {"IPv4 with a port", "192.0.2.1:4711", "192.0.2.1"},
                                    {"white space around it", " \t192.0.2.1 ", "192.0.2.1"},
                                    {"IPv6 written long", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
                                    {"IPv6 in brackets", "[2001:db8::1]", "2001:db8::1"},
                                    {"IPv6 with a port", "[2001:db8::1]:80", "2001:db8::1"},
                                    {"IPv6 with a zone", "fe80::1%eth0", "fe80::1"},
                                    {"IPv4-mapped IPv6", "::ffff:192.0.2.1", "192.0.2.1"},
                                    {"IPv4-mapped IPv6 in hexadecimal", "::FFFF:c000:0201", "192.0.2.1"},
                                    {"IPv4-mapped IPv6 in brackets with a port", "[::ffff:192.0.2.1]:80", "192.0.2.1"},
                                    {"a name", "localhost", nullptr},
                                    {"nothing", "", nullptr},
                                    {"brackets around nothing", "[]", nullptr},
                                    {"a number too large", "256.0.0.1", nullptr},
                                    {"three numbers", "10.0.1", nullptr},
                                    {"the word of RFC 7239", "unknown", nullptr},
                                    {"text behind the address", "192.0.2.1x", nullptr},
                                    {"two addresses", "192.0.2.1 192.0.2.2", nullptr}}) {
        DYNAMIC_SECTION(row.what) {
            const auto got = canonicalAddress(row.text);
            REQUIRE(got.has_value() == (row.canonical != nullptr));
            if (row.canonical) CHECK(*got == row.canonical);
        }
    }
}

TEST_CASE("loopback is 127.0.0.0/8 and ::1") {
    CHECK(isLoopback("127.0.0.1"));
    CHECK(isLoopback("127.255.0.9"));
    CHECK(isLoopback("::1"));
    CHECK_FALSE(isLoopback("128.0.0.1"));
    CHECK_FALSE(isLoopback("::2"));
    CHECK_FALSE(isLoopback("localhost"));
    CHECK_FALSE(isLoopback(""));
}

TEST_CASE("a range holds the addresses of its prefix") {
    struct Row {
        const char* what;
        const char *range, *address;
        bool held;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"inside", "10.0.0.0/8", "10.255.0.1", true},
                                    {"outside", "10.0.0.0/8", "11.0.0.1", false},
                                    {"the last bit counts", "10.0.0.0/9", "10.128.0.0", false},
                                    {"no prefix length means one address", "10.0.0.1", "10.0.0.1", true},
                                    {"one address and no other", "10.0.0.1", "10.0.0.2", false},
                                    {"zero bits hold every IPv4 address", "0.0.0.0/0", "203.0.113.5", true},
                                    {"zero bits of IPv4 hold no IPv6 address", "0.0.0.0/0", "::1", false},
                                    {"an IPv6 range", "2001:db8::/32", "2001:db8:ffff::1", true},
                                    {"outside of an IPv6 range", "2001:db8::/32", "2001:db9::1", false},
                                    {"what is no address is in no range", "0.0.0.0/0", "nonsense", false}}) {
        DYNAMIC_SECTION(row.what) {
            const auto range = AddressRange::parse(row.range);
            REQUIRE(range.has_value());
            CHECK(range->contains(row.address) == row.held);
        }
    }
}

TEST_CASE("what is no range is not read as one") {
    for (const char* text :
         {"", "nonsense", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "10.0.0.0/-1", "/8"}) {
        DYNAMIC_SECTION('"' << text << '"') { CHECK_FALSE(AddressRange::parse(text).has_value()); }
    }
}
