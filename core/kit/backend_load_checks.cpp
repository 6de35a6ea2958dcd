// What many calls show: callers at once, interrupts, clients that go at any moment, and what is left behind.
#include <atomic>
#include <future>
#include <thread>

#include "kit/backend_checks.hpp"
#include "kit/figures.hpp"
#include "kit/process_figures.hpp"

namespace gatehouse::kit {

namespace {

std::string callerOf(std::size_t number) { return "caller-" + std::to_string(number); }

// A call and its answer to each caller without load; only calls that answer the same twice.
struct Repeatable {
    const KitCall* call;
    std::vector<std::string> alone; // by caller
};

std::vector<Repeatable> repeatableCalls(BackendBench& bench, std::size_t callers) {
    std::vector<Repeatable> out;
    for (const KitCall& call : bench.calls) {
        if (!call.isForMany()) continue;
        bench.progress.beat("concurrency: alone, " + call.shown());
        Repeatable one{&call, {}};
        bool isSame = true;
        for (std::size_t caller = 0; caller < callers; ++caller) {
            one.alone.push_back(answerTo(bench.backend, call, callerOf(caller)).text);
            isSame = isSame && answerTo(bench.backend, call, callerOf(caller)).text == one.alone.back();
        }
        if (isSame) out.push_back(std::move(one));
    }
    return out;
}

template <class Work>
double leftBehindBy(BackendBench& bench, int count, const Work& work) {
    std::int64_t before = 0;
    for (int i = 0; i < 2 * count; ++i) {
        if (i == count) {
            bench.host.drainLog();
            before = allocatedBytes();
        }
        if (i % 16 == 0) bench.progress.beat("leaks: many calls");
        work();
    }
    bench.host.drainLog();
    return static_cast<double>(allocatedBytes() - before) / count;
}

void judgeCallLeaks(BackendBench& bench) {
    constexpr int calls = 400;
    constexpr double most = 32;
    double worst = 0;
    for (const KitCall& call : bench.calls) {
        if (!call.isForMany()) continue;
        const double left = leftBehindBy(bench, calls, [&] { answerTo(bench.backend, call); });
        worst = std::max(worst, left);
        if (left > most) bench.report.fault("leaks", call.shown() + ": each call leaves memory behind");
    }
    bench.report.line("leaks", oneDecimal(worst) + " bytes are left behind by a call at most");
}

void judgeMakingBackends(BackendBench& bench) {
    constexpr int makings = 12;
    constexpr double most = 8192;
    const std::int64_t descriptors = openDescriptors(), threads = runningThreads();
    const double left = leftBehindBy(bench, makings, [&] { bench.another(); });
    if (left > most) bench.report.fault("leaks", "a backend that is taken down leaves memory behind");
    if (keepsMoreThreads(threads)) bench.report.fault("leaks", "a backend that is taken down leaves a thread behind");
    if (openDescriptors() > descriptors + makings / 2)
        bench.report.fault("leaks", "a backend that is taken down leaves descriptors open");
}

bool leavesNoHandles(BackendBench& bench) {
    constexpr int calls = 100;
    const auto callAll = [&] {
        for (const KitCall& call : bench.calls)
            for (int i = 0; call.isForMany() && i < calls; ++i) answerTo(bench.backend, call);
        bench.progress.beat("leaks: descriptors and threads");
    };
    callAll();
    const std::int64_t descriptors = openDescriptors(), threads = runningThreads();
    callAll();
    const bool opens = openDescriptors() > descriptors + calls / 4, starts = keepsMoreThreads(threads + calls / 4);
    if (opens) bench.report.fault("leaks", "calls leave descriptors open");
    if (starts) bench.report.fault("leaks", "calls leave threads behind");
    return !opens && !starts;
}

// How long a call takes to return once it is interrupted; nothing when it returned before.
std::optional<std::chrono::milliseconds> returnsWithin(BackendBench& bench, const KitCall& call) {
    constexpr std::chrono::milliseconds untilItRuns{100};
    mcp::InterruptPoint point;
    auto answered = std::async(std::launch::async, [&] { return answerTo(bench.backend, call, "kit-user", point); });
    if (answered.wait_for(untilItRuns) == std::future_status::ready) return std::nullopt;
    const auto begun = std::chrono::steady_clock::now();
    point.interrupt();
    while (answered.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
        if (std::chrono::steady_clock::now() - begun < 2 * bench.plan.cancelWithin) bench.progress.beat();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
}

} // namespace

void checkCrowd(BackendBench& bench) {
    constexpr std::size_t callers = 8;
    constexpr int turns = 40;
    const std::vector<Repeatable> calls = repeatableCalls(bench, callers);
    bench.progress.beat("concurrency: many callers at once");
    std::atomic<int> wrong{0};
    std::vector<std::thread> crowd;
    for (std::size_t caller = 0; caller < callers; ++caller)
        crowd.emplace_back([&, caller] {
            for (int turn = 0; turn < turns; ++turn)
                for (const Repeatable& one : calls) {
                    if (answerTo(bench.backend, *one.call, callerOf(caller)).text != one.alone[caller]) ++wrong;
                    bench.progress.beat();
                }
        });
    for (std::thread& one : crowd) one.join();
    if (wrong > 0)
        bench.report.fault("concurrency",
                           "a call gets another answer while others call: state is shared between calls");
    bench.report.line("concurrency", std::to_string(callers) + " callers at once, " + std::to_string(calls.size()) +
                                         " features, " + std::to_string(wrong) + " wrong");
}

void checkCancel(BackendBench& bench) {
    int seen = 0;
    for (const KitCall& call : bench.calls) {
        if (!call.isCancelled) continue;
        ++seen;
        bench.progress.beat("cancel: " + call.shown());
        const auto took = returnsWithin(bench, call);
        if (!took)
            bench.report.fault("cancel", call.shown() + ": returned before it could be cancelled; give a longer call");
        else if (*took > bench.plan.cancelWithin)
            bench.report.fault("cancel", call.shown() + ": does not return when it is interrupted");
    }
    if (seen == 0) bench.report.line("cancel", "not checked: no call under `calls` says cancel: true");
}

void checkClosing(BackendBench& bench) {
    constexpr int times = 50;
    for (const KitCall& call : bench.calls) {
        bench.progress.beat("closing: " + call.shown());
        for (int i = 0; i < times; ++i) {
            const KitCall unused{.method = "tools/call", .name = "", .uri = ""};
            mcp::InterruptPoint point;
            point.interrupt(); // before there is a client
            if (!call.isForMany()) answerTo(bench.backend, unused, "kit-user", point);
            else answerTo(bench.backend, call, "kit-user", point);
        }
        if (!call.isForMany()) continue;
        mcp::InterruptPoint point;
        std::atomic<bool> over{false};
        std::thread interrupting([&] {
            while (!over) point.interrupt();
        });
        for (int i = 0; i < times; ++i) answerTo(bench.backend, call, "kit-user", point);
        over = true;
        interrupting.join();
    }
}

void checkCallLeaks(BackendBench& bench) {
    if (!leavesNoHandles(bench)) return; // thousands of calls more would leave the process none
    judgeCallLeaks(bench);
    judgeMakingBackends(bench);
}

} // namespace gatehouse::kit
