#include "backends/sql/pieced_text.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::sql;

namespace {

std::string taken(PiecedText& text) {
    std::string out = "before ";
    text.moveTo(out);
    return out.substr(7);
}

} // namespace

TEST_CASE("what was appended comes out in order, however long") {
    for (const std::size_t length : {0U, 1U, 1023U, 1024U, 1025U, 65'535U, 65'536U, 65'537U, 300'000U}) {
        PiecedText text;
        std::string wanted;
        for (int i = 0; i < 5; ++i) {
            const std::string part(length, static_cast<char>('a' + i));
            text.append(std::string_view(part));
            text.append(',');
            text.adopt(std::string(part));
            wanted += part + "," + part;
        }
        CHECK(text.size() == wanted.size());
        CHECK(taken(text) == wanted);
        CHECK(text.size() == 0);
        text.append("again");
        CHECK(taken(text) == "again");
    }
}

TEST_CASE("what is written into its room is there up to where it was written") {
    PiecedText text;
    for (int i = 0; i < 100'000; ++i) {
        char* const room = text.room(24);
        room[0] = 'x';
        text.wroteTo(room + 1);
    }
    CHECK(taken(text) == std::string(100'000, 'x'));
}

TEST_CASE("it is shortened to any size that it had, and goes on from there") {
    std::string whole;
    for (int i = 0; i < 40; ++i)
        whole += std::string(static_cast<std::size_t>(i) * 997 % 70'000, static_cast<char>('a' + i % 26));
    std::vector<std::size_t> sizes{0};
    const auto filled = [&](PiecedText& text) {
        for (std::size_t at = 0; at < whole.size(); at += 9'999) {
            if (at % 2 == 0) text.append(std::string_view(whole).substr(at, 9'999));
            else text.adopt(whole.substr(at, 9'999));
            sizes.push_back(text.size());
        }
        text.adopt(std::string(70'000, '-')); // taken over
        sizes.push_back(text.size());
        text.append("end");
    };
    PiecedText first;
    filled(first);
    const std::string all = taken(first);
    for (const std::size_t size : std::vector<std::size_t>(sizes)) {
        PiecedText text;
        filled(text);
        text.shortenTo(size);
        CHECK(text.size() == size);
        PiecedText moved(std::move(text));
        moved.append("more");
        CHECK(taken(moved) == all.substr(0, size) + "more");
    }
}
