#include "cli/arguments.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::cli;

namespace {

const std::vector<FlagSpec> flags{{"token-note", "TEXT"}, {"addr", "HOST:PORT"}, {"tls"}, {"help"}};

std::string complaint(const std::vector<std::string>& words) {
    try {
        const Arguments arguments(words, flags);
    } catch (const UsageError& fault) {
        return fault.what();
    }
    return "";
}

} // namespace

TEST_CASE("a flag may have one dash or two, its value may follow it or an equals sign") {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"-token-note", "Production API"},
                                               {"--token-note", "Production API"},
                                               {"-token-note=Production API"},
                                               {"--token-note=Production API"}}) {
        DYNAMIC_SECTION(words[0] << " in " << words.size() << " words") {
            const Arguments arguments(words, flags);
            CHECK(arguments.has("token-note"));
            CHECK(arguments.value("token-note") == "Production API");
            CHECK(arguments.words().empty());
        }
    }
}

TEST_CASE("what is no flag is a word, wherever it stands") {
    const Arguments arguments({"remove", "--tls", "token-1", "-addr", ":8080", "last"}, flags);
    CHECK(arguments.words() == std::vector<std::string>{"remove", "token-1", "last"});
    CHECK(arguments.has("tls"));
    CHECK(arguments.value("tls") == "");
    CHECK(arguments.value("addr") == ":8080");
    CHECK_FALSE(arguments.has("help"));
    CHECK_FALSE(arguments.value("help").has_value());
}

TEST_CASE("values are taken as they stand") {
    struct Row {
        const char* what;
        std::vector<std::string> words;
        const char* value;
    };
    for (const Row& row : std::vector<Row>{{"an empty one", {"--token-note", ""}, ""},
                                           {"an empty one after the equals sign", {"--token-note="}, ""},
                                           {"one with an equals sign", {"--token-note=a=b"}, "a=b"},
                                           {"one that begins with a dash", {"--token-note", "-x"}, "-x"},
                                           {"one that looks like a flag", {"--token-note", "--tls"}, "--tls"},
                                           {"the last one counts", {"--token-note", "a", "-token-note=b"}, "b"}}) {
        DYNAMIC_SECTION(row.what) {
            const Arguments arguments(row.words, flags);
            CHECK(arguments.value("token-note") == row.value);
            CHECK_FALSE(arguments.has("tls"));
        }
    }
}

TEST_CASE("E06b: help is told before anything else is looked at, where it is known") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"--help"}, {"-help"}, {"x", "--bogus", "--help"}, {"--token-note", "-help"}, {"--help", "--addr"}}) {
        const Arguments arguments(words, flags);
        CHECK(arguments.has("help"));
        CHECK(arguments.words().empty());
    }
    CHECK_FALSE(Arguments({"--token-note=--help"}, flags).has("help"));
    CHECK_THROWS_AS(Arguments({"--help"}, {{"tls"}}), UsageError);
}

TEST_CASE("the flags that were given are told") {
    CHECK(Arguments({"--tls", "x", "-addr=1"}, flags).flags() == std::vector<std::string>{"addr", "tls"});
}

TEST_CASE("a single dash and an empty word are words") {
    const Arguments arguments({"-", ""}, flags);
    CHECK(arguments.words() == std::vector<std::string>{"-", ""});
}

TEST_CASE("what is wrong with a command line is told") {
    struct Row {
        const char* what;
        std::vector<std::string> words;
        const char* told;
    };
    for (const Row& row : std::vector<Row>{
             {"an unknown flag", {"--nothing"}, "unknown flag --nothing; known here: --token-note --addr --tls --help"},
             {"an unknown flag with a value",
              {"-nothing=x"},
              "unknown flag --nothing; known here: --token-note --addr --tls --help"},
             {"the beginning of a flag",
              {"--token"},
              "unknown flag --token; known here: --token-note --addr --tls --help"},
             {"three dashes", {"---tls"}, "unknown flag ---tls; known here: --token-note --addr --tls --help"},
             {"only dashes", {"--"}, "unknown flag --; known here: --token-note --addr --tls --help"},
             {"a value that is missing", {"--tls", "--addr"}, "--addr needs a value"},
             {"a value for a flag without one", {"--tls=yes"}, "--tls takes no value"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(complaint(row.words) == row.told); }
    }
}

TEST_CASE("help is made from the flags that are read, wrapped at 120 columns; what has no words is not shown") {
    const std::string text =
        flagHelp({{"addr", "HOST:PORT", "where to listen"},
                  {"old"},
                  {"a-flag-with-a-long-name", "VALUE", std::string(60, 'x') + " " + std::string(60, 'y')}});
    CHECK(text ==
          "  --addr HOST:PORT     where to listen\n"
          "  --a-flag-with-a-long-name VALUE\n" +
              std::string(23, ' ') + std::string(60, 'x') + "\n" + std::string(23, ' ') + std::string(60, 'y') + "\n");
}
