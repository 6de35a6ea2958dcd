#include "cli/stop_watchdog.hpp"

#include <atomic>

#include <sys/eventfd.h>
#include <unistd.h>
#include <catch2/catch.hpp>

using namespace gatehouse::cli;
using namespace std::chrono_literals;

namespace {

// An eventfd in place of the signals: readable while one is pending.
struct Scene {
    ~Scene() { ::close(signals); }
    void raise() const { REQUIRE(::eventfd_write(signals, 1) == 0); }
    void read() const {
        eventfd_t value = 0;
        REQUIRE(::eventfd_read(signals, &value) == 0);
    }
    bool endsWithin(std::chrono::milliseconds time) const {
        const auto until = std::chrono::steady_clock::now() + time;
        while (!ended && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(1ms);
        return ended;
    }
    const int signals = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    std::atomic<bool> ended{false};
};

} // namespace

TEST_CASE("C: a signal that nobody reads ends the process") {
    Scene scene;
    const StopWatchdog watchdog(
        scene.signals, [&] { scene.ended = true; }, 80ms);
    scene.raise();
    CHECK(scene.endsWithin(20s));
}

TEST_CASE("C: one that is read, or none, ends nothing") {
    Scene scene;
    {
        const StopWatchdog watchdog(
            scene.signals, [&] { scene.ended = true; }, 10s);
        scene.raise();
        scene.read();
    }
    CHECK_FALSE(scene.ended);
}

TEST_CASE("C: a server whose taking down takes too long is ended") {
    Scene scene;
    StopWatchdog watchdog(
        scene.signals, [&] { scene.ended = true; }, 80ms);
    watchdog.leaving();
    CHECK(scene.endsWithin(20s));
}
