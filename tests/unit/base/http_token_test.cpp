#include "base/http_token.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a token is made of the characters of RFC 9110 5.6.2, and of one at least") {
    CHECK_FALSE(isHttpToken(""));
    CHECK(isHttpToken("X-Api_Key.1!#$%&'*+^`|~"));
    int allowed = 0;
    for (int c = 0; c < 256; ++c) allowed += isHttpToken(std::string(1, static_cast<char>(c))) ? 1 : 0;
    CHECK(allowed == 15 + 10 + 26 + 26);
    for (const char* bad : {"a b", "a:b", "a\r\nb", "(a)", "a/b", "\xC3\xA4", "a\x7F"}) CHECK_FALSE(isHttpToken(bad));
}
