#include "kit/guarded_run.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <stdexcept>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

using namespace gatehouse::kit;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds enough{60};

void dieOf(int signal) {
    const rlimit noCore{0, 0};
    ::setrlimit(RLIMIT_CORE, &noCore);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

} // namespace

TEST_CASE("the exit code of work that ends is passed on") {
    Progress progress;
    for (const int code : {0, 1, 3, 77}) {
        const GuardedEnd end = runGuarded([code] { return code; }, progress, enough);
        CHECK(end.exitCode == code);
        CHECK(end.fault.empty());
    }
}

TEST_CASE("the work is in a process of its own") {
    Progress progress;
    int touched = 0;
    const auto parent = ::getpid();
    const auto work = [&] { return ++touched, ::getpid() == parent ? 1 : 0; };
    CHECK(runGuarded(work, progress, enough).exitCode == 0);
    CHECK(touched == 0);
}

TEST_CASE("a crash is named") {
    Progress progress;
    struct Row {
        int signal;
        const char* words;
    };
    for (const Row& row : {Row{SIGABRT, "it crashed (Aborted)"}, Row{SIGSEGV, "it crashed (Segmentation fault)"},
                           Row{SIGKILL, "it crashed (Killed)"}}) {
        const GuardedEnd end = runGuarded([&] { return dieOf(row.signal), 0; }, progress, enough);
        CHECK(end.exitCode == 1);
        CHECK(end.fault == row.words);
    }
}

TEST_CASE("work that calls exit() has not come to its end, whatever its code") {
    Progress progress;
    CHECK(runGuarded([] { return 0; }, progress, enough).fault.empty());
    for (const int code : {0, 1}) {
        const GuardedEnd end = runGuarded([code]() -> int { ::_exit(code); }, progress, enough);
        CHECK(end.exitCode == 1);
        CHECK(end.fault == "it ended the process by exit()");
    }
}

TEST_CASE("work that stands still is ended") {
    Progress progress;
    const auto standsStill = [] {
        for (;;) ::pause();
        return 0;
    };
    const auto began = std::chrono::steady_clock::now();
    const GuardedEnd end = runGuarded(standsStill, progress, 1s);
    CHECK(end.exitCode == 1);
    CHECK(end.fault == "it does not come back: no answer for 1 seconds");
    CHECK(std::chrono::steady_clock::now() - began >= 1s);
}

TEST_CASE("work that goes on is not ended, however long it takes") {
    Progress progress;
    const auto work = [&] {
        const auto end = std::chrono::steady_clock::now() + 2500ms;
        while (std::chrono::steady_clock::now() < end) {
            progress.beat();
            std::this_thread::sleep_for(10ms);
        }
        return 5;
    };
    const GuardedEnd end = runGuarded(work, progress, 2s);
    CHECK(end.exitCode == 5);
    CHECK(end.fault.empty());
}

TEST_CASE("where the work was is seen from outside, also when it has crashed") {
    Progress progress;
    CHECK(progress.what().empty());
    CHECK(progress.beats() == 0);
    const auto work = [&] {
        progress.beat("good: the first");
        progress.beat("form: a long name");
        progress.beat();
        return dieOf(SIGKILL), 0;
    };
    CHECK_FALSE(runGuarded(work, progress, enough).fault.empty());
    CHECK(progress.what() == "form: a long name");
    CHECK(progress.beats() == 3);
    progress.beat("short");
    CHECK(progress.what() == "short");
}

TEST_CASE("a long name is cut") {
    Progress progress;
    progress.beat(std::string(1000, 'a'));
    CHECK(progress.what() == std::string(199, 'a'));
}

TEST_CASE("what the work throws is told to the parent, whose own frames are not unwound twice") {
    struct Frame { // of the parent's
        const pid_t parent = ::getpid();
        ~Frame() {
            if (::getpid() != parent) ::_exit(99);
        }
    };
    const Frame frame;
    Progress progress;
    const GuardedEnd end =
        runGuarded([]() -> int { throw std::runtime_error("settings.issuer: missing"); }, progress, enough);
    CHECK(end.threw == "settings.issuer: missing");
    CHECK(end.fault.empty());
    CHECK(end.exitCode == 1);
}

TEST_CASE("a run that cannot be watched is no run that passed") {
    Progress progress;
    const auto before = std::signal(SIGCHLD, SIG_IGN); // children are gone before anybody asks
    CHECK_THROWS_WITH(runGuarded([] { return 0; }, progress, enough), Catch::StartsWith("the check cannot be watched"));
    std::signal(SIGCHLD, before);
}
