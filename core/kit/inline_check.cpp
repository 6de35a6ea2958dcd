// A validator that says it runs inline runs on the event loop: while it waits, the server stands still.
#include <sys/resource.h>

#include "kit/checks.hpp"
#include "kit/figures.hpp"

namespace gatehouse::kit {

namespace {

constexpr int calls = 200;

// How often this thread has given up its turn because it had to wait. Being put aside for others is not counted.
long waits() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

} // namespace

void checkInline(CheckBench& bench) {
    constexpr double mostMicros = 500;
    Subject subject = bench.readySubject();
    if (!subject.traits().runsInline)
        return bench.report.line("inline", "no: it is asked on a worker, where it may wait");
    bench.progress.beat("inline: on the event loop");
    const std::string good = bench.goodToken();
    bench.host.watchThisThread();
    const int fetched = bench.host.fetchedByWatched();
    const long waited = waits();
    const double worked = workedMicros();
    for (int i = 0; i < calls; ++i) subject.judge(good);
    const double each = (workedMicros() - worked) / calls;
    if (bench.host.fetchedByWatched() > fetched)
        bench.report.fault("inline", "it fetches on the event loop: leave ValidatorTraits::runsInline false");
    if (waits() - waited > calls / 10)
        bench.report.fault("inline", "it waits on the event loop: leave ValidatorTraits::runsInline false");
    if (each > mostMicros) bench.report.fault("inline", "it works for too long to run on the event loop");
    bench.report.line("inline", "yes: it waited " + std::to_string(waits() - waited) + " times in " +
                                    std::to_string(calls) + " calls");
}

} // namespace gatehouse::kit
