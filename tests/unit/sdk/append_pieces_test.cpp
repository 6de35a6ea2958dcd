#include <gatehouse/append_pieces.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("pieces are appended in their order: literals, texts and views, also empty ones") {
    std::string out = "a";
    const std::string text = "cd";
    appendPieces(out, "b", text, std::string_view(), "", std::string_view("ef").substr(1));
    CHECK(out == "abcdf");
    appendPieces(out, std::string_view("\0g", 2));
    CHECK(out == std::string("abcdf\0g", 7));
}

TEST_CASE("a literal is appended up to its end, without the zero") {
    std::string out;
    appendPieces(out, "x");
    CHECK(out.size() == 1);
}
