#include "base/shown_text.hpp"

#include <catch2/catch.hpp>

#include <vector>

using gatehouse::shownLines;
using gatehouse::shownText;

TEST_CASE("E06d: what could steer a terminal or hide in a line is written out") {
    struct Row {
        const char* what;
        std::string text, shown;
    };
    for (const Row& row : std::vector<Row>{{"an escape sequence", "\x1b[31m", "\\x1b[31m"},
                                           {"a line end", "a\r\nb", "a\\x0d\\x0ab"},
                                           {"NUL", std::string("a\0b", 3), "a\\x00b"},
                                           {"delete", "\x7f", "\\x7f"},
                                           {"the first control of Unicode", "\xc2\x80", "\\u0080"},
                                           {"CSI",
                                            "\xc2\x9b"
                                            "31m",
                                            "\\u009b31m"},
                                           {"the last control of Unicode", "\xc2\x9f", "\\u009f"},
                                           {"right-to-left override",
                                            "\xe2\x80\xae"
                                            "gpj",
                                            "\\u202egpj"},
                                           {"the first embedding", "\xe2\x80\xaa", "\\u202a"},
                                           {"the first isolate", "\xe2\x81\xa6", "\\u2066"},
                                           {"the last isolate", "\xe2\x81\xa9", "\\u2069"},
                                           {"a line separator", "\xe2\x80\xa8", "\\u2028"},
                                           {"a blank of no width",
                                            "a\xe2\x80\x8b"
                                            "b",
                                            "a\\u200bb"},
                                           {"a byte order mark", "\xef\xbb\xbf", "\\ufeff"},
                                           {"a soft hyphen", "\xc2\xad", "\\u00ad"},
                                           {"a tag character", "\xf3\xa0\x81\x81", "\\ue0041"},
                                           {"a lone C1 byte",
                                            "\x9b"
                                            "31m",
                                            "\\x9b31m"},
                                           {"a cut character", "a\xe2\x80", "a\\xe2\\x80"},
                                           {"an overlong escape", "\xc0\x9b", "\\xc0\\x9b"},
                                           {"an overlong form of three bytes", "\xe0\x82\x9b", "\\xe0\\x82\\x9b"},
                                           {"a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
                                           {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(shownText(row.text) == row.shown); }
    }
}

TEST_CASE("words of any language stay as they are") {
    for (const std::string& text :
         std::vector<std::string>{"", "Production API", "Grüße, 世界", "שלום", "\xc2\xa0", "\xf0\x9f\x9a\x80",
                                  "\xe2\x9d\xa4\xef\xb8\x8f", "back\\slash", "\xc3\x9b \xe2\x82\xac"})
        CHECK(shownText(text) == text);
}

TEST_CASE("a message of several lines keeps its line ends and nothing else") {
    CHECK(shownLines("a\nb\r\n\x1b[2J") == "a\nb\\x0d\n\\x1b[2J");
}
