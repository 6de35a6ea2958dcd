#include "cli/signals.hpp"

#include <catch2/catch.hpp>

#include <csignal>

#include <unistd.h>

using namespace gatehouse;

namespace {

// Signals are blocked for the test only.
class BlockedSignals {
public:
    BlockedSignals() : pipeBefore_(::signal(SIGPIPE, SIG_DFL)) {
        ::pthread_sigmask(SIG_SETMASK, nullptr, &before_);
        cli::blockSignals();
    }
    ~BlockedSignals() {
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        ::signal(SIGPIPE, pipeBefore_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;

private:
    void (*pipeBefore_)(int);
    sigset_t before_{};
};

// What a watcher did for these signals, one after the other.
std::string actionsFor(const std::vector<int>& signals) {
    const BlockedSignals blocked;
    const SystemClock clock;
    EventLoop loop(clock, {[](std::string_view) {}, [](std::chrono::milliseconds) {}});
    std::string done;
    std::size_t next = 0;
    const std::function<void()> sendNext = [&] {
        if (next == signals.size()) return loop.stop();
        ::kill(::getpid(), signals[next++]);
        loop.post([&] { loop.post(sendNext); }); // the signal is there when the loop next looks
    };
    {
        const cli::SignalWatcher watcher(
            loop, {[&] { done += "stop "; }, [&] { done += "stop-at-once "; }, [&] { done += "look-again "; }});
        loop.post(sendNext);
        loop.run();
    }
    return done;
}

} // namespace

TEST_CASE("signals become actions of the loop") {
    struct Row {
        const char* what;
        std::vector<int> signals;
        const char* done;
    };
    for (const Row& row : std::vector<Row>{{"TERM stops", {SIGTERM}, "stop "},
                                           {"INT stops", {SIGINT}, "stop "},
                                           {"asked twice it stops at once", {SIGTERM, SIGTERM}, "stop stop-at-once "},
                                           {"the two may differ", {SIGINT, SIGTERM}, "stop stop-at-once "},
                                           {"HUP looks again, each time", {SIGHUP, SIGHUP}, "look-again look-again "},
                                           {"HUP is no reason to stop at once", {SIGTERM, SIGHUP}, "stop look-again "},
                                           {"the others do nothing", {SIGUSR1, SIGUSR2, SIGPIPE, SIGTERM}, "stop "}}) {
        DYNAMIC_SECTION(row.what) { CHECK(actionsFor(row.signals) == row.done); }
    }
}

TEST_CASE("blocked signals wait, and SIGPIPE is ignored") {
    const BlockedSignals blocked;
    sigset_t mask{};
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) CHECK(sigismember(&mask, signal) == 1);
    CHECK(sigismember(&mask, SIGSEGV) == 0);
    struct sigaction action {};
    ::sigaction(SIGPIPE, nullptr, &action);
    CHECK(action.sa_handler == SIG_IGN);
}
