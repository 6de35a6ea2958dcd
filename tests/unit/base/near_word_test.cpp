#include "base/near_word.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;

TEST_CASE("a slip is told from another word") {
    struct Row {
        const char *word, *meant;
    };
    for (const Row& row : std::initializer_list<Row>{{"secrett", "secret"},
                                                     {"sceret", "secret"},
                                                     {"tokenFile", "token_file"},
                                                     {"TOKEN-FILE", "token_file"},
                                                     {"audiences", "audience"},
                                                     {"secret", "secret"},
                                                     {"key", ""},
                                                     {"a", ""},
                                                     {"", ""},
                                                     {"password", ""}}) {
        DYNAMIC_SECTION(row.word) { CHECK(nearWord(row.word, {"secret", "token_file", "audience", "b"}) == row.meant); }
    }
    CHECK(nearWord(std::string(10'000, 's'), {"secret"}).empty());
    CHECK(nearWord("secret", {}).empty());
}

TEST_CASE("a distance counts what is inserted, removed and replaced") {
    CHECK(editDistance("", "abc") == 3);
    CHECK(editDistance("abc", "") == 3);
    CHECK(editDistance("kitten", "sitting") == 3);
    CHECK(editDistance("same", "same") == 0);
}
