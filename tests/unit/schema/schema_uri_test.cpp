#include "schema/schema_uri.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::schema;

TEST_CASE("references are resolved as RFC 3986, section 5.4, has it") {
    struct Row {
        const char* reference;
        const char* wanted;
    };
    for (const Row& row : std::initializer_list<Row>{{"g:h", "g:h"},
                                                     {"g", "http://a/b/c/g"},
                                                     {"./g", "http://a/b/c/g"},
                                                     {"g/", "http://a/b/c/g/"},
                                                     {"/g", "http://a/g"},
                                                     {"//g", "http://g"},
                                                     {"?y", "http://a/b/c/d;p?y"},
                                                     {"g?y", "http://a/b/c/g?y"},
                                                     {"#s", "http://a/b/c/d;p?q#s"},
                                                     {"g#s", "http://a/b/c/g#s"},
                                                     {";x", "http://a/b/c/;x"},
                                                     {"", "http://a/b/c/d;p?q"},
                                                     {".", "http://a/b/c/"},
                                                     {"./", "http://a/b/c/"},
                                                     {"..", "http://a/b/"},
                                                     {"../", "http://a/b/"},
                                                     {"../g", "http://a/b/g"},
                                                     {"../..", "http://a/"},
                                                     {"../../g", "http://a/g"},
                                                     {"../../../g", "http://a/g"},
                                                     {"/./g", "http://a/g"},
                                                     {"/../g", "http://a/g"},
                                                     {"g.", "http://a/b/c/g."},
                                                     {"..g", "http://a/b/c/..g"},
                                                     {"./g/.", "http://a/b/c/g/"},
                                                     {"g/./h", "http://a/b/c/g/h"},
                                                     {"g/../h", "http://a/b/c/h"},
                                                     {"g?y/./x", "http://a/b/c/g?y/./x"},
                                                     {"g#s/../x", "http://a/b/c/g#s/../x"}}) {
        DYNAMIC_SECTION(row.reference) { CHECK(resolveUri("http://a/b/c/d;p?q", row.reference) == row.wanted); }
    }
    CHECK(resolveUri("", "item") == "item");
    CHECK(resolveUri("http://a", "b") == "http://a/b");
    CHECK(resolveUri("urn:example:root", "#/a") == "urn:example:root#/a");
    CHECK(resolveUri("urn:example:root", "urn:other:x") == "urn:other:x");
}

TEST_CASE("a fragment is split off, decoded and read as a pointer") {
    CHECK(splitFragment("http://a#b").document == "http://a");
    CHECK(splitFragment("http://a#b").fragment == "b");
    CHECK(splitFragment("http://a").fragment.empty());
    CHECK(percentDecoded("a%25b%7e") == std::string("a%b~"));
    CHECK_FALSE(percentDecoded("a%2"));
    CHECK_FALSE(percentDecoded("a%zz"));
    CHECK(pointerTokens("")->empty());
    CHECK(*pointerTokens("/a~1b/~01//0") == std::vector<std::string>{"a/b", "~1", "", "0"});
    CHECK_FALSE(pointerTokens("a"));
    CHECK_FALSE(pointerTokens("/a~2"));
    CHECK_FALSE(pointerTokens("/a~"));
}
