#include "tokens/checked_token.hpp"

#include <set>
#include <vector>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a token of ours has the prefix, 34 random characters and a sum, and no two are alike") {
    std::set<std::string> seen;
    std::set<char> characters;
    for (int i = 0; i < 500; ++i) {
        const std::string text = newCheckedToken("gth_");
        REQUIRE(text.size() == 44);
        REQUIRE(text.rfind("gth_", 0) == 0);
        REQUIRE(isCheckedToken(text, "gth_"));
        REQUIRE_FALSE(isForgedToken(text, "gth_"));
        characters.insert(text.begin() + 4, text.begin() + 38);
        seen.insert(text);
    }
    CHECK(seen.size() == 500);
    CHECK(characters.size() == 62);
}

// CRC-32 of "gth_" and 34 zeros is 0x40AE000C (zlib), in base 62: 1BR9oK.
TEST_CASE("the sum is the CRC-32 of all before it, in base 62, the most significant digit first") {
    const std::string body = "gth_" + std::string(34, '0');
    CHECK(isCheckedToken(body + "1BR9oK", "gth_"));
}

TEST_CASE("one character changed, lost or added makes a token one that cannot be ours") {
    const std::string text = newCheckedToken("gth_");
    for (std::size_t at = 4; at < text.size(); ++at) {
        std::string other = text;
        other[at] = other[at] == 'x' ? 'y' : 'x';
        CHECK_FALSE(isCheckedToken(other, "gth_"));
        CHECK(isForgedToken(other, "gth_"));
    }
    for (const std::string& other :
         {text + "0", text.substr(0, 43), std::string("gth_"), "gth_" + text.substr(4, 39) + "-"})
        CHECK(isForgedToken(other, "gth_"));
    for (const std::string& other : {std::string(), text.substr(1), "GTH_" + text.substr(4)})
        CHECK_FALSE(isForgedToken(other, "gth_")); // another's, perhaps
}

TEST_CASE("a prefix is letters and digits that end in an underscore") {
    for (const char* good : {"gth_", "a_", "acme1_"}) CHECK(isTokenPrefix(good));
    for (const std::string& bad :
         std::initializer_list<std::string>{"", "_", "gth", "g-h_", "g h_", "gth__x", std::string(32, 'a') + "_"})
        CHECK_FALSE(isTokenPrefix(bad));
}

TEST_CASE("every token of ours is found in a text, wherever it stands, and nothing else is") {
    const std::string a = newCheckedToken("gth_"), b = newCheckedToken("gth_");
    const std::string text = "gth_gth_" + a + b + "\n\"" + a + "\" gth_" + std::string(40, 'A') + " gth_";
    std::vector<std::string> found;
    eachCheckedToken(text, "gth_", [&](std::size_t at, std::string_view token) {
        CHECK(text.substr(at, token.size()) == token);
        found.emplace_back(token);
    });
    CHECK(found == std::vector<std::string>{a, b, a});
}

TEST_CASE("texts without a sum are found by their form, with nothing of what stands around them") {
    const std::string plain = "O9ms9jqTfUdy-DIjvpFWeqd_yH_NEj7me0mgOnOjGdQ=",
                      jws = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
    const std::string text =
        plain + " x" + plain + " \"" + plain + "\", " + jws + ". x" + jws + " eyJ.eyJ " + plain.substr(1) + "==";
    std::vector<std::string> found;
    eachLikelyToken(text, [&](std::size_t at, std::string_view token) {
        CHECK(text.substr(at, token.size()) == token);
        found.emplace_back(token);
    });
    CHECK(found == std::vector<std::string>{plain, plain, jws});
}
