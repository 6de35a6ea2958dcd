#include "base/text_buffer.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("pieces stand one behind the other, however often the text grows") {
    TextBuffer text;
    std::string wanted;
    for (int i = 0; i < 300; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 7), 'a');
        text.add("<", piece, std::string_view(">"));
        wanted += "<" + piece + ">";
    }
    CHECK(text.view() == wanted);
}

TEST_CASE("a cleared text begins anew, in the room that it has") {
    TextBuffer text;
    CHECK(text.view().empty());
    text.add("before", std::string_view());
    const char* const room = text.view().data();
    text.clear();
    CHECK(text.view().empty());
    text.add("after");
    CHECK(text.view() == "after");
    CHECK(text.view().data() == room);
}
