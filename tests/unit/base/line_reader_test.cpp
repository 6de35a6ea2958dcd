#include "base/line_reader.hpp"

#include <string>
#include <vector>

#include <unistd.h>
#include <catch2/catch.hpp>

#include "support/notification.hpp"
#include "support/pipe_pair.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

// A pipe that is read, and what came of it.
struct Reading {
    explicit Reading(LineReaderOptions options = {})
        : reader(std::make_unique<LineReader>(
              pipe.readEnd(), options,
              [this](std::string line) {
                  lines.push_back(std::move(line));
                  heard.ring();
              },
              [this](const char* text) {
                  why = text;
                  ended.ring();
              })) {}
    void write(const std::string& text) const {
        REQUIRE(::write(pipe.writeEnd(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }

    PipePair pipe;
    Notification heard, ended;
    std::vector<std::string> lines; // by the reader's thread; read after the bell
    std::string why;
    std::unique_ptr<LineReader> reader;
};

} // namespace

TEST_CASE("lines come whole, in order, however they are cut; empty ones are left out") {
    Reading reading;
    reading.write("one\ntw");
    reading.write("o\r\n\n\r\nthree\n");
    REQUIRE(reading.heard.waitFor(3));
    CHECK(reading.lines == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("the last line may lack its break, and the end is told once") {
    Reading reading;
    reading.write("one\nlast");
    reading.pipe.closeWriteEnd();
    REQUIRE(reading.ended.waitFor(1));
    CHECK(reading.lines == std::vector<std::string>{"one", "last"});
    CHECK(reading.why == "the input has ended");
}

TEST_CASE("a line longer than the bound ends the reading") {
    LineReaderOptions options;
    options.maxLine = 100;
    Reading reading(options);
    reading.write(std::string(101, 'x'));
    REQUIRE(reading.ended.waitFor(1));
    CHECK(reading.lines.empty());
    CHECK(reading.why == "a line is too long");
}

TEST_CASE("reading waits when nobody is done with what was read") {
    LineReaderOptions options;
    options.maxAhead = 2;
    Reading reading(options);
    reading.write("1\n2\n3\n");
    REQUIRE(reading.heard.waitFor(2));
    CHECK(reading.lines.size() == 2);
    reading.reader->done();
    REQUIRE(reading.heard.waitFor(3));
    CHECK(reading.lines.back() == "3");
}

TEST_CASE("a reader that waits for input, or for its taker, can be ended") {
    Reading idle;
    idle.reader.reset();
    CHECK(idle.why == "stopped");
    LineReaderOptions options;
    options.maxAhead = 1;
    Reading full(options);
    full.write("1\n2\n");
    REQUIRE(full.heard.waitFor(1));
    full.reader.reset();
    CHECK(full.lines.size() == 1);
}
