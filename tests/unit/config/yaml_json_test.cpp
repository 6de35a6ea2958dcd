#include "config/yaml_json.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gatehouse;

namespace {

Json rootOf(const std::string& text) { return readYaml(text).root; }

struct Fault {
    int line = 0;
    std::string what;
};

Fault faultOf(const std::string& text) {
    try {
        readYaml(text);
    } catch (const YamlError& fault) {
        return {fault.line, fault.what()};
    }
    return {};
}

// A variable of the environment, for one test.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

// True when the child that runs `work` ends by itself and not by a signal.
bool survives(void (*work)()) {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit noCore{0, 0};
        ::setrlimit(RLIMIT_CORE, &noCore);
        ::signal(SIGSEGV, SIG_DFL);
        try {
            work();
        } catch (const std::exception&) { // told: fine
        }
        ::_exit(0);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("scalars of a settings file become JSON values") {
    struct Row {
        const char* what;
        const char* text;
        Json value;
    };
    for (const Row& row :
         std::vector<Row>{{"a word", "word", "word"},
                          {"a whole number", "42", 42},
                          {"a negative number", "-7", -7},
                          {"a number with a fraction", "0.5", 0.5},
                          {"a number with an exponent", "1e3", 1000.0},
                          {"true", "true", true},
                          {"False", "False", false},
                          {"null", "null", nullptr},
                          {"the other null", "~", nullptr},
                          {"a number in quotes is a text", "\"42\"", "42"},
                          {"true in quotes is a text", "'true'", "true"},
                          {"yes is a text", "yes", "yes"},
                          {"an address is a text", "127.0.0.1:8080", "127.0.0.1:8080"},
                          {"a hexadecimal number is a text", "0x10", "0x10"},
                          {"a version is a text", "1.2.3", "1.2.3"},
                          {"D14: too large for a whole number", "99999999999999999999", "99999999999999999999"},
                          {"D14: too large with a fraction", "1e400", "1e400"},
                          {"D14: zeros before it", "0123456", "0123456"},
                          {"D14: a zero before a fraction", "00.5", "00.5"},
                          {"zero", "0", 0},
                          {"zero and a fraction", "0.25", 0.25},
                          {"D14: minus zero", "-0", "-0"},
                          {"D14: digits and dashes", "555-1234", "555-1234"},
                          {"D14: underscores", "1_000", "1_000"},
                          {"D14: octal", "0o17", "0o17"},
                          {"a plus", "+5", "+5"},
                          {"infinity", ".inf", ".inf"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(rootOf("key: " + std::string(row.text))["key"] == row.value); }
    }
}

TEST_CASE("maps and lists keep their shape, and every key its line") {
    const YamlDocument document =
        readYaml("# comment\nhttp:\n  address: a\n  allowed_hosts:\n  - one\n  - two\nlog: {level: debug}\n");
    CHECK(document.root ==
          Json({{"http", {{"address", "a"}, {"allowed_hosts", {"one", "two"}}}}, {"log", {{"level", "debug"}}}}));
    CHECK(document.lines.at("http") == 2);
    CHECK(document.lines.at("http.address") == 3);
    CHECK(document.lines.at("http.allowed_hosts") == 4);
    CHECK(document.lines.at("log.level") == 7);
}

TEST_CASE("a document without settings is null or empty") {
    CHECK(rootOf("").is_null());
    CHECK(rootOf("# only a comment\n").is_null());
    CHECK(rootOf("{}") == Json::object());
}

TEST_CASE("what is wrong with a document is told with its line") {
    struct Row {
        const char* what;
        std::string text;
        int line;
        const char* part;
    };
    for (const Row& row :
         std::vector<Row>{{"a bracket that is not closed", "a: 1\nb: [1,\n", 2, "the [ in this line is not closed"},
                          {"E08: a tab for indentation", "a:\n\tb: 1\n", 2, "a tab; YAML indents with spaces"},
                          {"an unknown alias", "a: 1\nb: *nobody\n", 2, ""},
                          {"brackets without end", "a: 1\nb: " + std::string(100, '[') + std::string(100, ']'), 2,
                           "nested too deeply"},
                          {"dashes without end", "a: 1\n" + std::string(2000, '-'), 2, "nested too deeply"},
                          {"indentation without end", "- " + std::string(3000, ' ') + "x\n", 1, "nested too deeply"}}) {
        DYNAMIC_SECTION(row.what) {
            const Fault fault = faultOf(row.text);
            CHECK(fault.line == row.line);
            CHECK(fault.what.find(row.part) != std::string::npos);
        }
    }
}

TEST_CASE("what is wrong with single values is told beside the rest") {
    const YamlDocument read = readYaml("a: 1\nb: {c: '${GATEHOUSE_TEST_UNSET}', d: 2}\na: 3\nb: 4\n");
    REQUIRE(read.faults.size() == 3);
    CHECK(read.faults[0].line == 2);
    CHECK(read.faults[0].key == "b.c");
    CHECK(read.faults[0].words == "${GATEHOUSE_TEST_UNSET}: this environment variable is not set, or empty");
    CHECK(read.faults[1].line == 3);
    CHECK(read.faults[1].key == "a");
    CHECK(read.faults[1].words == "duplicate key; the first is in line 1");
    CHECK(read.faults[2].key == "b");
    CHECK(read.root == Json{{"a", 1}, {"b", {{"c", nullptr}, {"d", 2}}}});
    CHECK_THROWS_WITH(readYamlValue("{a: 1, a: 2}"), "a: duplicate key; the first is in line 1");
}

TEST_CASE("E08: a quote that is not closed does not take the rest of the file with it") {
    for (const char* text : {"a: \"b\nauth:\n  enabled: true\n", "a: 'b\nauth:\n  enabled: true\n", "- \"b\n- c\n"}) {
        const Fault fault = faultOf(text);
        CHECK(fault.line == 1);
        CHECK(fault.what.find("in this line is not closed") != std::string::npos);
    }
    for (const char* text : {"a: |\n  \"b\nc: d\n", "a: >\n  'tis\n", "a: \"b\"\n", "# \"\na: b\n"})
        CHECK_NOTHROW(readYaml(text));
}

TEST_CASE("${NAME} is replaced by the environment variable") {
    const Variable password("GATEHOUSE_TEST_PASSWORD", "p:w #1");
    const Variable port("GATEHOUSE_TEST_PORT", "8443");
    const Variable yes("GATEHOUSE_TEST_TRUE", "true");
    const Variable empty("GATEHOUSE_TEST_EMPTY", "");
    struct Row {
        const char* what;
        const char* text;
        Json value;
    };
    for (const Row& row : std::vector<Row>{{"alone", "${GATEHOUSE_TEST_PASSWORD}", "p:w #1"},
                                           {"inside a text", "pg://u:${GATEHOUSE_TEST_PASSWORD}@h", "pg://u:p:w #1@h"},
                                           {"twice", "\"${GATEHOUSE_TEST_PORT}${GATEHOUSE_TEST_PORT}\"", "84438443"},
                                           {"D14: a number is a text", "${GATEHOUSE_TEST_PORT}", "8443"},
                                           {"D14: and true as well", "${GATEHOUSE_TEST_TRUE}", "true"},
                                           {"in quotes it is a text", "\"${GATEHOUSE_TEST_PORT}\"", "8443"},
                                           {"a mark that is not closed stays", "a${GATEHOUSE", "a${GATEHOUSE"},
                                           {"a dollar alone stays", "$GATEHOUSE_TEST_PORT", "$GATEHOUSE_TEST_PORT"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(rootOf("key: " + std::string(row.text))["key"] == row.value); }
    }
    CHECK(readYaml("key: ${GATEHOUSE_TEST_EMPTY}").faults.size() == 1);
    CHECK(rootOf("list: [\"${GATEHOUSE_TEST_PORT}\"]")["list"][0] == "8443");
}

TEST_CASE("what a variable brings in is not replaced again, nor read as YAML") {
    const Variable tricky("GATEHOUSE_TEST_TRICKY", "${GATEHOUSE_TEST_TRICKY}: [1, 2]");
    CHECK(rootOf("key: ${GATEHOUSE_TEST_TRICKY}")["key"] == "${GATEHOUSE_TEST_TRICKY}: [1, 2]");
}

TEST_CASE("whose the values of names are is for the caller to say") {
    std::vector<std::string> asked;
    const ValueOfName valueOf = [&](const std::string& name) -> std::optional<std::string> {
        asked.push_back(name);
        if (name == "kit.kept") return "${kit.kept}";
        if (name == "empty") return "";
        return name == "number" ? std::optional<std::string>("5") : std::nullopt;
    };
    const Json root =
        readYaml("a: ${kit.kept}\nb: [\"${number}\", \"${empty}|\"]\nc: ${number}\nd: plain", valueOf).root;
    CHECK(root == Json{{"a", "${kit.kept}"}, {"b", {"5", "|"}}, {"c", "5"}, {"d", "plain"}});
    CHECK(asked == std::vector<std::string>{"kit.kept", "number", "empty", "number"});
    const Variable home("GATEHOUSE_TEST_HOME", "set");
    const YamlDocument lacking = readYaml("a: 1\nb: ${GATEHOUSE_TEST_HOME}", valueOf); // nothing from the environment
    REQUIRE(lacking.faults.size() == 1);
    CHECK(lacking.faults[0].line == 2);
    CHECK(readYaml("a: ${GATEHOUSE_TEST_HOME}", nullptr).root["a"] == "${GATEHOUSE_TEST_HOME}");
}

TEST_CASE("one value is read as a file would have it, and nothing in it is replaced") {
    CHECK(readYamlValue("true") == true);
    CHECK(readYamlValue("12") == 12);
    CHECK(readYamlValue("[a, b]") == Json({"a", "b"}));
    CHECK(readYamlValue("some text") == "some text");
    CHECK(readYamlValue("${HOME}") == "${HOME}");
    CHECK(readYamlValue("").is_null());
    CHECK(readYamlScalar("12") == 12);
    CHECK(readYamlScalar("a: b: c") == "a: b: c");
}

TEST_CASE("an anchor that contains itself is an error and no crash") {
    CHECK(survives([] { readYaml("backend: &a [*a]\n"); }));
    CHECK(survives([] { readYaml("backend: &a {b: *a}\n"); }));
}
