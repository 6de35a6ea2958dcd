#include "tokens/token_yaml.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace gatehouse;

namespace {

std::string rewritten(const std::string& text) { return yamlText(loadYaml(text)); }

} // namespace

TEST_CASE("texts that a reader could take for something else are quoted") {
    YAML::Node node(YAML::NodeType::Map);
    for (const char* text :
         {"plain", "yes", "no", "on", "null", "true",      "12",   "1e5",        "0x1f", "2024-10-30T10:15:30Z",
          "a: b",  "- a", "#a", "",   "~",    "two words", "a\nb", "\"quoted\"", "*a",   "&a",
          "!a"}) {
        DYNAMIC_SECTION('"' << text << '"') {
            node["key"] = std::string(text);
            const std::string written = yamlText(node);
            if (std::string(text) == "plain") CHECK(written == "key: plain\n");
            else CHECK(written.rfind("key: \"", 0) == 0);
            const YAML::Node read = loadYaml(written)["key"];
            REQUIRE(read.IsScalar());
            CHECK(read.Scalar() == text);
        }
    }
}

TEST_CASE("writing what was read keeps every value and the order") {
    struct Row {
        const char* what;
        std::string text;
    };
    for (const Row& row : std::vector<Row>{{"a map", "b: 1\na: 2\n"},
                                           {"a list of maps", "tokens:\n  - id: a\n    n: 1\n  - id: b\n"},
                                           {"an empty list", "tokens: []\n"},
                                           {"a plain number stays a number", "count: 12\n"},
                                           {"a quoted number stays a text", "count: \"12\"\n"},
                                           {"null", "expires_at: ~\n"},
                                           {"a plain date", "at: 2024-10-30T10:15:30Z\n"},
                                           {"letters of the world", "note: \"Grüße, 世界\"\n"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(rewritten(row.text) == row.text); }
    }
    CHECK(rewritten("a: {b: [1, 2], c: 'x y'}\n") == rewritten(rewritten("a: {b: [1, 2], c: 'x y'}\n")));
    CHECK(loadYaml(rewritten("note: |\n  two\n  lines\n"))["note"].Scalar() == "two\nlines\n");
}

TEST_CASE("nesting is measured before it is read") {
    struct Row {
        const char* what;
        std::string text;
        bool read;
    };
    for (const Row& row :
         std::vector<Row>{{"sixty brackets", "a: " + std::string(60, '[') + std::string(60, ']'), true},
                          {"a hundred thousand brackets", "a: " + std::string(100'000, '['), false},
                          {"a hundred thousand braces", std::string(100'000, '{'), false},
                          {"a hundred thousand dashes", std::string(100'000, '-') + " a", false},
                          {"lists in lists on one line",
                           [] {
                               std::string t;
                               for (int i = 0; i < 50'000; ++i) t += "- ";
                               return t + "a";
                           }(),
                           false},
                          {"many brackets one after the other",
                           [] {
                               std::string t = "a: [";
                               for (int i = 0; i < 5000; ++i) t += "[],";
                               return t + "1]";
                           }(),
                           true}}) {
        DYNAMIC_SECTION(row.what) {
            if (row.read) CHECK_NOTHROW(loadYaml(row.text));
            else CHECK_THROWS_AS(loadYaml(row.text), YAML::Exception);
        }
    }
}

TEST_CASE("the line of what is nested too deeply is told") {
    try {
        loadYaml("a: 1\nb: " + std::string(1000, '['));
        FAIL("was read");
    } catch (const YAML::ParserException& fault) {
        CHECK(fault.mark.line == 1); // from 0
        CHECK(fault.msg == "nested too deeply");
    }
}
