#include "base/line_writer.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <future>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "support/pipe_pair.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using test::PipePair;
using test::ScratchFolder;

namespace {

LineWriterOptions borrowed() {
    LineWriterOptions options;
    options.ownsDescriptor = false;
    options.gather = 1ms;
    return options;
}

struct Seen {
    std::uint64_t lines = 0;     // that were written by the test
    std::uint64_t confessed = 0; // sum of the numbers in the notes
};

Seen count(const std::string& text) {
    Seen seen;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("line ", 0) == 0) ++seen.lines;
        else if (line.rfind("(", 0) == 0) seen.confessed += std::stoull(line.substr(1));
    }
    return seen;
}

std::atomic<int> signalsSeen{0};

} // namespace

TEST_CASE("lines arrive in order, each with its break") {
    PipePair pipe;
    LineWriter writer(pipe.writeEnd(), borrowed());
    writer.write("one");
    writer.write("");
    writer.write("three");
    writer.flush(test::generous);
    CHECK(pipe.readNow() == "one\n\nthree\n");
    CHECK(writer.dropped() == 0);
}

TEST_CASE("a line that nobody flushes is written soon all the same") {
    PipePair pipe;
    LineWriter writer(pipe.writeEnd(), borrowed());
    writer.write("alone");
    CHECK(pipe.readUntil("\n") == "alone\n");
}

TEST_CASE("flush waits for a long gathering no longer than the writing takes") {
    PipePair pipe;
    LineWriterOptions options = borrowed();
    options.gather = 60s;
    LineWriter writer(pipe.writeEnd(), options);
    writer.write("now");
    writer.flush(test::generous);
    CHECK(pipe.readNow() == "now\n");
}

TEST_CASE("what was written is out when the writer is gone") {
    PipePair pipe;
    { LineWriter(pipe.writeEnd(), borrowed()).write("last words"); }
    CHECK(pipe.readNow() == "last words\n");
}

TEST_CASE("lines of many threads stay whole") {
    const ScratchFolder folder;
    const int file = ::open(folder.file("log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    {
        LineWriter writer(file, {});
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&writer, t] {
                for (int i = 0; i < 500; ++i) writer.write("line " + std::string(60, static_cast<char>('a' + t)));
            });
        for (auto& thread : threads) thread.join();
    }
    std::istringstream in(test::readText(folder.file("log")));
    int whole = 0;
    for (std::string line; std::getline(in, line);)
        whole += line.size() == 65 && line.find_first_not_of(line[5], 5) == std::string::npos ? 1 : 0;
    CHECK(whole == 2000);
}

TEST_CASE("a descriptor is closed only when it is owned") {
    for (const bool owned : {true, false}) {
        DYNAMIC_SECTION((owned ? "owned" : "borrowed")) {
            const ScratchFolder folder;
            const int file = ::open(folder.file("log").c_str(), O_WRONLY | O_CREAT, 0600);
            LineWriterOptions options;
            options.ownsDescriptor = owned;
            { const LineWriter writer(file, options); }
            const bool open = ::fcntl(file, F_GETFD) >= 0;
            CHECK(open != owned);
            if (open) ::close(file);
        }
    }
}

TEST_CASE("with a full pipe the caller goes on, and what finds no room is dropped, counted and confessed") {
    PipePair pipe;
    const std::size_t before = pipe.fill();
    LineWriterOptions options = borrowed();
    options.maxQueuedBytes = 1000;
    LineWriter writer(pipe.writeEnd(), options);
    constexpr std::uint64_t written = 5000;
    const auto began = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < written; ++i) writer.write("line " + std::to_string(i));
    CHECK(std::chrono::steady_clock::now() - began < 5s); // a caller that waits for the pipe never gets here
    const std::uint64_t dropped = writer.dropped();
    CHECK(dropped > written - 1000);

    std::string text = pipe.readNow();
    REQUIRE(text.size() >= before);
    writer.flush(test::generous); // the pipe takes what is left
    writer.write("line after");
    text += pipe.readUntil("line after\n");
    const Seen seen = count(text.substr(before));
    CHECK(seen.lines == written - dropped + 1);
    CHECK(seen.confessed == dropped);
    CHECK(writer.dropped() == dropped);
}

TEST_CASE("a line longer than the queue is dropped, and the next one goes through") {
    PipePair pipe;
    LineWriterOptions options = borrowed();
    options.maxQueuedBytes = 100;
    LineWriter writer(pipe.writeEnd(), options);
    writer.write(std::string(100, 'x')); // with its break one byte too many
    writer.write(std::string(99, 'y'));
    writer.flush(test::generous);
    CHECK(pipe.readNow() == "(1 lines before this one were dropped)\n" + std::string(99, 'y') + "\n");
    CHECK(writer.dropped() == 1);
}

TEST_CASE("a blocked pipe delays the end no longer than allowed") {
    PipePair pipe;
    pipe.fill();
    const auto began = std::chrono::steady_clock::now();
    {
        LineWriterOptions options = borrowed();
        options.closeWithin = 50ms;
        LineWriter writer(pipe.writeEnd(), options);
        writer.write("nobody reads this");
    }
    CHECK(std::chrono::steady_clock::now() - began < 5s); // for ever without the limit
}

TEST_CASE("a full disk loses lines, and each is counted once") {
    const int full = ::open("/dev/full", O_WRONLY);
    REQUIRE(full >= 0);
    LineWriter writer(full, {});
    for (std::uint64_t i = 1; i <= 3; ++i) {
        writer.write("lost");
        writer.flush(test::generous);
        CHECK(writer.dropped() == i);
    }
}

TEST_CASE("after several failures the next line that goes through tells of all that were lost") {
    const ScratchFolder folder;
    const std::string name = folder.file("fifo");
    REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
    int reader = ::open(name.c_str(), O_RDONLY | O_NONBLOCK);
    LineWriter writer(::open(name.c_str(), O_WRONLY), {});
    ::close(reader); // writing fails from here
    for (int i = 0; i < 3; ++i) {
        writer.write("lost");
        writer.flush(test::generous);
    }
    reader = ::open(name.c_str(), O_RDONLY | O_NONBLOCK); // somebody reads again
    writer.write("found");
    writer.flush(test::generous);
    std::array<char, 200> buffer{};
    const ssize_t got = ::read(reader, buffer.data(), buffer.size());
    ::close(reader);
    REQUIRE(got > 0);
    CHECK(std::string(buffer.data(), static_cast<std::size_t>(got)) ==
          "(3 lines before this one were dropped)\nfound\n");
}

TEST_CASE("a signal while the pipe is blocked is not the writer's, and does not keep it from ending") {
    auto pipe = std::make_shared<PipePair>();
    pipe->fill();
    struct sigaction action {
    }, before{};
    action.sa_handler = [](int) { ++signalsSeen; };
    ::sigaction(SIGUSR2, &action, &before);
    LineWriterOptions options = borrowed();
    options.closeWithin = 10ms;
    auto writer = std::make_unique<LineWriter>(pipe->writeEnd(), options);
    sigset_t usr2{}, old{};
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &usr2, &old);
    writer->write("blocked");
    writer->flush(200ms);        // it is in poll() now
    ::kill(::getpid(), SIGUSR2); // waits for a thread that takes it: the writer's does not

    std::promise<void> ended;
    auto end = ended.get_future();
    std::thread([pipe, gone = std::move(writer), promise = std::move(ended)]() mutable {
        gone.reset();
        promise.set_value();
    }).detach(); // a writer that never ends must not take the test run with it
    const bool inTime = end.wait_for(5s) == std::future_status::ready;
    CHECK(inTime);
    if (!inTime) pipe->readNow(); // lets it go
    if (!inTime) end.wait_for(5s);
    CHECK(signalsSeen == 0);
    ::pthread_sigmask(SIG_SETMASK, &old, nullptr); // it comes to this one
    CHECK(signalsSeen == 1);
    ::sigaction(SIGUSR2, &before, nullptr);
}
