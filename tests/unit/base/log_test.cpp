#include "base/log.hpp"

#include <catch2/catch.hpp>

#include <regex>
#include <vector>

#include "support/pipe_pair.hpp"

using namespace gatehouse;
using test::PipePair;

TEST_CASE("a log line has its time in UTC, its level and its message") {
    PipePair pipe;
    Log log(pipe.writeEnd(), LogLevel::debug);
    log.warning("something to know");
    log.flush();
    const std::string line = pipe.readUntil("\n");
    CHECK(std::regex_match(line, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning something to know\n)")));
}

TEST_CASE("only what is important enough is logged") {
    struct Row {
        const char* what;
        LogLevel level;
        std::string seen;
    };
    for (const Row& row : std::vector<Row>{{"debug shows all", LogLevel::debug, "dbg inf wrn err "},
                                           {"info hides debug", LogLevel::info, "inf wrn err "},
                                           {"warning hides info", LogLevel::warning, "wrn err "},
                                           {"error hides all but errors", LogLevel::error, "err "}}) {
        DYNAMIC_SECTION(row.what) {
            PipePair pipe;
            Log log(pipe.writeEnd(), row.level);
            log.debug("dbg");
            log.info("inf");
            log.warning("wrn");
            log.error("err");
            log.plain("end");
            const std::string text = pipe.readUntil("end\n");
            std::string seen;
            for (const char* word : {"dbg", "inf", "wrn", "err"})
                if (text.find(std::string(" ") + word + "\n") != std::string::npos) seen += std::string(word) + " ";
            CHECK(seen == row.seen);
        }
    }
}

TEST_CASE("a plain line is written whatever the level is, without time and level") {
    PipePair pipe;
    Log log(pipe.writeEnd(), LogLevel::error);
    log.plain("Listening on http://127.0.0.1:8080/mcp");
    CHECK(pipe.readUntil("\n") == "Listening on http://127.0.0.1:8080/mcp\n");
}

TEST_CASE("messages are redacted and stay one line, plain ones too") {
    PipePair pipe;
    Log log(pipe.writeEnd(), LogLevel::info);
    log.info("Bearer secret1\nforged");
    log.plain("Bearer secret2\nforged");
    log.plain("end");
    const std::string text = pipe.readUntil("end\n");
    CHECK(text.find("secret") == std::string::npos);
    CHECK(text.find("Bearer <token>\\x0aforged\n") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 3);
}

TEST_CASE("a message is no format: braces and percent signs stay") {
    PipePair pipe;
    Log log(pipe.writeEnd(), LogLevel::info);
    log.info("{} {0} {nothing} %s %n");
    CHECK(pipe.readUntil("\n").find(" info {} {0} {nothing} %s %n\n") != std::string::npos);
}

TEST_CASE("the descriptor stays open when the log is gone") {
    PipePair pipe;
    { Log(pipe.writeEnd(), LogLevel::info).plain("last"); }
    CHECK(::fcntl(pipe.writeEnd(), F_GETFD) >= 0);
    CHECK(pipe.readNow() == "last\n");
}

TEST_CASE("lines that nobody reads are counted, and the caller goes on") {
    PipePair pipe;
    pipe.fill();
    Log log(pipe.writeEnd(), LogLevel::info);
    const std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 3; ++i) log.info(megabyte);
    CHECK(log.dropped() == 3);
    pipe.readNow();
}

TEST_CASE("level names are known in any case") {
    struct Row {
        const char* name;
        std::optional<LogLevel> level;
    };
    for (const Row& row : std::vector<Row>{{"debug", LogLevel::debug},
                                           {"DEBUG", LogLevel::debug},
                                           {"trace", LogLevel::debug},
                                           {"Info", LogLevel::info},
                                           {"warning", LogLevel::warning},
                                           {"WARN", LogLevel::warning},
                                           {"error", LogLevel::error},
                                           {"critical", LogLevel::error},
                                           {"", std::nullopt},
                                           {"verbose", std::nullopt},
                                           {"info ", std::nullopt}}) {
        DYNAMIC_SECTION('"' << row.name << '"') { CHECK(logLevelFrom(row.name) == row.level); }
    }
}
