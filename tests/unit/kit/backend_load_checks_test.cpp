// What the kit finds in many calls, and in calls that are interrupted.
#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "support/sanitizer.hpp"
#include "support/scripted_backend.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;
using Catch::Contains;

namespace {

// Waits until it is interrupted, or for a while.
struct Gate {
    void wait(std::chrono::milliseconds most) {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, most, [this] { return isOpen; });
    }
    void open() {
        const std::lock_guard lock(mutex);
        isOpen = true;
        changed.notify_all();
    }
    std::mutex mutex;
    std::condition_variable changed;
    bool isOpen = false;
};

const Json cancelled = Json::parse(R"({"cancel_within_ms":300,"calls":[{"tool":"echo","cancel":true}]})");

} // namespace

TEST_CASE("each of many callers at once gets its own answer, or it is a fault") {
    CHECK_THAT(BackendKit().after(checkCrowd), Contains("0 wrong"));
    std::atomic<int> inside{0};
    ScriptedTools::Script script;
    script.call = [&](const CallRequest&, const Identity& who, std::string_view) {
        const bool isAlone = ++inside == 1;
        std::this_thread::yield();
        --inside;
        return Result::text(isAlone ? who.subject : "somebody");
    };
    CHECK_THAT(BackendKit(script).after(checkCrowd), Contains("FAULT concurrency"));
}

TEST_CASE("a call whose answers differ anyway is not compared") {
    std::atomic<int> counter{0};
    ScriptedTools::Script script;
    script.call = [&](const CallRequest&, const Identity&, std::string_view) {
        return Result::text(std::to_string(++counter));
    };
    CHECK_THAT(BackendKit(script).after(checkCrowd), Contains("0 features, 0 wrong"));
}

TEST_CASE("a call that is interrupted has to return soon") {
    Gate gate;
    ScriptedTools::Script script;
    script.call = [&](const CallRequest&, const Identity&, std::string_view) {
        gate.wait(std::chrono::seconds(20));
        return Result::text("over");
    };
    script.interrupt = [&] { gate.open(); };
    CHECK_THAT(BackendKit(script, cancelled).after(checkCancel), Contains("0 faults"));
    script.call = [](const CallRequest&, const Identity&, std::string_view) {
        std::this_thread::sleep_for(std::chrono::milliseconds(700));
        return Result::text("over");
    };
    script.interrupt = [] {};
    CHECK_THAT(BackendKit(script, cancelled).after(checkCancel), Contains("does not return when it is interrupted"));
    CHECK_THAT(BackendKit({}, cancelled).after(checkCancel), Contains("returned before it could be cancelled"));
    CHECK_THAT(BackendKit().after(checkCancel), Contains("not checked"));
}

TEST_CASE("clients that are interrupted at any moment are each closed once") {
    std::atomic<int> closed{0}, called{0};
    ScriptedTools::Script script;
    script.call = [&](const CallRequest&, const Identity&, std::string_view) { return ++called, Result::text("x"); };
    script.closed = [&] { ++closed; };
    CHECK_THAT(BackendKit(script).after(checkClosing), Contains("0 faults"));
    CHECK(closed == called);
    CHECK(closed == 100);
}

TEST_CASE("what calls leave behind is a fault") {
    if (isSanitized) return; // its allocator does not say what it has given out
    CHECK_THAT(BackendKit().after(checkCallLeaks), Contains("0 faults"));
    std::vector<std::string> kept;
    ScriptedTools::Script script;
    script.call = [&](const CallRequest&, const Identity&, std::string_view) {
        kept.emplace_back(512, 'x');
        return Result::text("x");
    };
    CHECK_THAT(BackendKit(script).after(checkCallLeaks), Contains("each call leaves memory behind"));
}
