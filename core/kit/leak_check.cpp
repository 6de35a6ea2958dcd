// What grows: memory with every call, with every new token, with every making; descriptors; threads.
#include <thread>

#include "base/random.hpp"
#include "kit/checks.hpp"
#include "kit/figures.hpp"
#include "kit/process_figures.hpp"

namespace gatehouse::kit {

namespace {

// Without what the check itself keeps of the validator's log.
std::int64_t allocatedNow(CheckBench& bench) {
    bench.host.drainLog();
    return allocatedBytes();
}

// How much one of `count` calls leaves behind, after as many have warmed what is kept on purpose.
template <class Call>
double leftBehind(CheckBench& bench, int count, const Call& call) {
    std::int64_t before = 0;
    for (int i = 0; i < 2 * count; ++i) {
        if (i == count) before = allocatedNow(bench);
        if (i % 64 == 0) bench.progress.beat("leaks: many calls");
        call();
    }
    return static_cast<double>(allocatedNow(bench) - before) / count;
}

void judgeCalls(CheckBench& bench, Subject& subject) {
    constexpr int calls = 2000;
    constexpr double most = 8;
    const std::string good = bench.goodToken();
    const TokenCase* bad = bench.someCase(Wanted::refused);
    const double byGood = leftBehind(bench, calls, [&] { subject.judge(good); });
    const double byBad = bad ? leftBehind(bench, calls, [&] { subject.judge(bad->token); }) : 0;
    bench.report.line("leaks", oneDecimal(byGood) + " bytes are left behind by a good token, " + oneDecimal(byBad) +
                                   " by a wrong one");
    if (byGood > most) bench.report.fault("leaks", "each call with the same good token leaves memory behind");
    if (byBad > most) bench.report.fault("leaks", "each call with the same wrong token leaves memory behind");
}

// Whoever keeps tokens must have a bound. What the first half fills, the second no longer grows.
void judgeNewTokens(CheckBench& bench, Subject& subject) {
    constexpr int tokens = 15'000;
    constexpr double most = 16;
    const std::string good = bench.goodToken();
    const double left = leftBehind(bench, tokens, [&] {
        const std::string fresh = randomBase64Url(12, false); // 16 letters in the place of the last ones
        subject.judge(good.size() > 40 ? good.substr(0, good.size() - fresh.size()) + fresh : fresh);
    });
    if (left > most) bench.report.fault("leaks", "each new token leaves memory behind: what it keeps has no bound");
}

void judgeMaking(CheckBench& bench) {
    constexpr int makings = 24;
    constexpr double most = 4096;
    { const Subject first = bench.readySubject(); }
    const std::int64_t descriptors = openDescriptors(), threads = runningThreads();
    const double left = leftBehind(bench, makings, [&] {
        bench.progress.beat("leaks: made and taken down");
        bench.subject();
    });
    if (left > most) bench.report.fault("leaks", "a validator that is taken down leaves memory behind");
    if (keepsMoreThreads(threads)) bench.report.fault("leaks", "a validator that is taken down leaves a thread behind");
    if (openDescriptors() > descriptors + makings / 2)
        bench.report.fault("leaks", "a validator that is taken down leaves descriptors open");
}

void judgeDescriptors(CheckBench& bench, Subject& subject) {
    constexpr int calls = 200;
    const std::string good = bench.goodToken();
    const auto ask = [&] {
        for (int i = 0; i < calls; ++i) subject.judge(good);
    };
    ask();
    const std::int64_t descriptors = openDescriptors(), threads = runningThreads();
    ask();
    if (openDescriptors() > descriptors + calls / 4) bench.report.fault("leaks", "calls leave descriptors open");
    if (keepsMoreThreads(threads + calls / 4)) bench.report.fault("leaks", "calls leave threads behind");
}

} // namespace

void checkLeaks(CheckBench& bench) {
    Subject subject = bench.readySubject();
    judgeDescriptors(bench, subject);
    if (bench.report.hasFaultIn("leaks")) return; // thousands of calls more would leave the process none
    judgeCalls(bench, subject);
    judgeNewTokens(bench, subject);
    judgeMaking(bench);
}

} // namespace gatehouse::kit
