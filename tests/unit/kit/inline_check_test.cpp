#include <catch2/catch.hpp>

#include <thread>

#include <time.h>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

struct Inline : KitBench {
    Inline() : KitBench(Json{{"tokens", "key"}}) {}
    Words by(const std::function<void(HostDeps&)>& work, bool runsInline = true) {
        return faultsOf(checkInline, making([&, runsInline](HostDeps& deps) {
                            ValidatorTraits traits;
                            traits.runsInline = runsInline;
                            return Script{[&deps, &work, right = rightKey()](const TokenRequest& request) {
                                              work(deps);
                                              return right(request);
                                          },
                                          traits};
                        }));
    }
};

void wait(HostDeps&) { std::this_thread::sleep_for(std::chrono::microseconds(50)); }

double workedMillis() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace

TEST_CASE("who runs inline and never waits has no fault") {
    Inline at;
    CHECK(at.by([](HostDeps&) {}).empty());
    CHECK_THAT(at.said, Catch::Contains("  inline         yes: it waited "));
}

TEST_CASE("who is asked on a worker may wait") {
    Inline at;
    CHECK(at.by(wait, false).empty());
    CHECK(at.said == "  inline         no: it is asked on a worker, where it may wait\npassed: 0 tokens, 0 faults\n");
}

TEST_CASE("what blocks the event loop is named") {
    Inline at;
    CHECK(at.by(wait) == Words{"inline: it waits on the event loop: leave ValidatorTraits::runsInline false"});
    CHECK(at.by([](HostDeps& deps) {
        FetchRequest refused; // before a connection is made: nothing is waited for
        refused.url = "ftp://127.0.0.1/";
        static_cast<void>(deps.fetch(refused));
    }) == Words{"inline: it fetches on the event loop: leave ValidatorTraits::runsInline false"});
    CHECK(at.by([](HostDeps&) {
        for (const double end = workedMillis() + 0.8; workedMillis() < end;) continue;
    }) == Words{"inline: it works for too long to run on the event loop"});
}

TEST_CASE("what was fetched before the loop is watched does not count") {
    Inline at;
    at.host.watchThisThread();
    FetchRequest request;
    request.url = at.provider.keysUrl();
    static_cast<void>(at.host.deps().fetch(request));
    CHECK(at.by([](HostDeps&) {}).empty());
}
