#include "http/byte_scan.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse::http;

TEST_CASE("bytes are counted in texts of any length") {
    for (const std::size_t size : {0u, 1u, 127u, 128u, 129u, 255u, 256u, 257u, 1000u, 100'000u}) {
        CHECK(countOf(std::string(size, '\n'), '\n') == size);
        CHECK(countOf(std::string(size, 'a'), '\n') == 0);
        CHECK(countOf(std::string(size, 'a') + "\r\n" + std::string(size, 'b') + "\r", '\r') == 2);
    }
}

TEST_CASE("a control character is found wherever it stands, and no other byte is one") {
    for (int code = 0; code < 256; ++code) {
        const auto c = static_cast<char>(code);
        const bool isControl = (code < 0x20 && c != '\t' && c != '\r' && c != '\n') || code == 0x7F;
        for (const std::size_t at : {0u, 1u, 15u, 16u, 31u, 99u}) {
            std::string text(100, 'x');
            text[at] = c;
            CHECK(hasControls(text) == isControl);
        }
    }
    CHECK_FALSE(hasControls(""));
}
