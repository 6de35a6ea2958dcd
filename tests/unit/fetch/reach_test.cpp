#include "fetch/reach.hpp"

#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <catch2/catch.hpp>

using namespace gatehouse;

namespace {

bool reaches(const std::string& text) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1)
        return isPublic(reinterpret_cast<const sockaddr&>(four));
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1) throw std::runtime_error("no address: " + text);
    return isPublic(reinterpret_cast<const sockaddr&>(six));
}

} // namespace

TEST_CASE("addresses of the public internet are reached for anybody") {
    for (const char* text : {"1.1.1.1",
                             "8.8.8.8",
                             "9.255.255.255",
                             "11.0.0.0",
                             "100.63.255.255",
                             "100.128.0.0",
                             "126.255.255.255",
                             "128.0.0.0",
                             "169.253.255.255",
                             "169.255.0.0",
                             "172.15.255.255",
                             "172.32.0.0",
                             "192.0.1.1",
                             "192.0.3.0",
                             "192.167.255.255",
                             "192.169.0.0",
                             "198.17.255.255",
                             "198.20.0.0",
                             "203.0.112.255",
                             "203.0.114.0",
                             "223.255.255.255",
                             "2606:4700:4700::1111",
                             "2001:4860:4860::8888",
                             "2a00:1450::1",
                             "::ffff:8.8.8.8",
                             "64:ff9b::808:808",
                             "2002:808:808::1",
                             "2001:200::1"}) {
        DYNAMIC_SECTION(text) { CHECK(reaches(text)); }
    }
}

TEST_CASE("addresses within, of machines or of documents are reached for nobody whom we do not know") {
    struct Row {
        const char *what, *text;
    };
    for (const Row& row : std::initializer_list<Row>{{"unspecified", "0.0.0.0"},
                                                     {"this network", "0.1.2.3"},
                                                     {"private, RFC 1918", "10.0.0.1"},
                                                     {"the last of it", "10.255.255.255"},
                                                     {"shared, RFC 6598", "100.64.0.1"},
                                                     {"the last of it", "100.127.255.255"},
                                                     {"loopback", "127.0.0.1"},
                                                     {"any loopback", "127.255.255.254"},
                                                     {"a cloud's metadata", "169.254.169.254"},
                                                     {"link-local", "169.254.0.1"},
                                                     {"private, RFC 1918", "172.16.0.1"},
                                                     {"the last of it", "172.31.255.255"},
                                                     {"of protocols", "192.0.0.1"},
                                                     {"documentation", "192.0.2.1"},
                                                     {"AS112", "192.31.196.1"},
                                                     {"6to4 relays", "192.88.99.1"},
                                                     {"private, RFC 1918", "192.168.1.1"},
                                                     {"the last of it", "192.168.255.255"},
                                                     {"the last that is link-local", "169.254.255.255"},
                                                     {"of protocols, the last of it", "2001:1ff::1"},
                                                     {"NAT64 of one's own", "64:ff9b:1::808:808"},
                                                     {"benchmarks", "198.18.0.1"},
                                                     {"the last of them", "198.19.255.255"},
                                                     {"documentation", "198.51.100.1"},
                                                     {"documentation", "203.0.113.1"},
                                                     {"multicast", "224.0.0.1"},
                                                     {"multicast of somebody", "239.255.255.250"},
                                                     {"reserved", "240.0.0.1"},
                                                     {"broadcast", "255.255.255.255"},
                                                     {"IPv6 unspecified", "::"},
                                                     {"IPv6 loopback", "::1"},
                                                     {"IPv4-compatible", "::127.0.0.1"},
                                                     {"mapped loopback", "::ffff:127.0.0.1"},
                                                     {"mapped private", "::ffff:10.0.0.1"},
                                                     {"mapped metadata", "::ffff:169.254.169.254"},
                                                     {"translated", "::ffff:0:127.0.0.1"},
                                                     {"NAT64 of loopback", "64:ff9b::7f00:1"},
                                                     {"NAT64 of metadata", "64:ff9b::a9fe:a9fe"},
                                                     {"NAT64 of one's own", "64:ff9b:1::7f00:1"},
                                                     {"6to4 of loopback", "2002:7f00:1::"},
                                                     {"6to4 of a private address", "2002:c0a8:101::1"},
                                                     {"Teredo", "2001:0:808:808::1"},
                                                     {"ORCHID", "2001:20::1"},
                                                     {"benchmarks", "2001:2::1"},
                                                     {"documentation", "2001:db8::1"},
                                                     {"documentation, RFC 9637", "3fff::1"},
                                                     {"unique local", "fc00::1"},
                                                     {"unique local of one's own", "fd00:ec2::254"},
                                                     {"link-local", "fe80::1"},
                                                     {"the last of it", "febf::1"},
                                                     {"site-local", "fec0::1"},
                                                     {"multicast", "ff02::1"},
                                                     {"discard", "100::1"},
                                                     {"segment routing", "5f00::1"}}) {
        DYNAMIC_SECTION(row.what << ", " << row.text) { CHECK_FALSE(reaches(row.text)); }
    }
}

TEST_CASE("an address of another family is reached for nobody") {
    sockaddr_in6 local{}; // room for any
    local.sin6_family = AF_UNIX;
    CHECK_FALSE(isPublic(reinterpret_cast<const sockaddr&>(local)));
}
