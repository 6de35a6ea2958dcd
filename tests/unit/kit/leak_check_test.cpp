#include <catch2/catch.hpp>

#include <deque>
#include <future>
#include <list>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "support/kit_bench.hpp"
#include "support/sanitizer.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

struct Leaking : KitBench {
    Leaking() : KitBench(Json{{"tokens", "key"}}) { classes = {wrongKeys(issuer.secret())}; }
    Words byCalls(const std::function<void(const TokenRequest&)>& leak) {
        return faultsOf(checkLeaks, Script{[&leak, right = rightKey()](const TokenRequest& request) {
                            leak(request);
                            return right(request);
                        }});
    }
    Words byMakings(const std::function<void()>& leak) {
        return faultsOf(checkLeaks, making([&](HostDeps&) {
                            leak();
                            return Script{rightKey()};
                        }));
    }
};

// Descriptors that a validator forgot.
class Forgotten {
public:
    ~Forgotten() {
        for (const int one : open_) ::close(one);
    }
    void open() {
        const int one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (one >= 0) open_.push_back(one);
    }

private:
    std::deque<int> open_;
};

// Threads that a validator forgot: they wait until the test is over.
class Waiting {
public:
    ~Waiting() {
        over_.set_value();
        for (std::thread& one : threads_) one.join();
    }
    void start() {
        threads_.emplace_back([over = isOver_] { over.wait(); });
    }

private:
    std::promise<void> over_;
    const std::shared_future<void> isOver_ = over_.get_future().share();
    std::list<std::thread> threads_;
};

} // namespace

TEST_CASE("who leaves nothing behind has no fault") {
    Leaking at;
    CHECK(at.byCalls([](const TokenRequest&) {}).empty());
    CHECK_THAT(at.said, Catch::Contains("are left behind by a good token, "));
}

TEST_CASE("memory that is left behind is named by what leaves it") {
    if (isSanitized) return;
    const std::string good = "leaks: each call with the same good token leaves memory behind";
    const std::string bad = "leaks: each call with the same wrong token leaves memory behind";
    const std::string unbounded = "leaks: each new token leaves memory behind: what it keeps has no bound";
    std::list<std::string> lost;
    std::map<std::string, std::string> kept;
    Leaking at;
    const std::string secret = at.issuer.secret(), first = at.classes[0].cases[0].token;
    SECTION("each good call") {
        CHECK(at.byCalls([&](const TokenRequest& request) {
            if (request.token == secret) lost.emplace_back(100, 'x');
        }) == Words{good});
    }
    SECTION("each wrong call") {
        CHECK(at.byCalls([&](const TokenRequest& request) {
            if (request.token == first) lost.emplace_back(100, 'x');
        }) == Words{bad});
    }
    SECTION("each new token") {
        CHECK(at.byCalls([&](const TokenRequest& request) { kept[std::string(request.token)] = "judged"; }) ==
              Words{unbounded});
    }
    SECTION("each making") {
        CHECK(at.byMakings([&] { lost.emplace_back(10'000, 'x'); }) ==
              Words{"leaks: a validator that is taken down leaves memory behind"});
    }
}

TEST_CASE("who keeps tokens within a bound has no fault") {
    Leaking at;
    std::set<std::string> kept;
    CHECK(at.byCalls([&](const TokenRequest& request) {
                if (kept.size() >= 1000) kept.erase(kept.begin());
                kept.insert(std::string(request.token));
            }).empty());
}

TEST_CASE("descriptors that are left open are named") {
    Forgotten forgotten;
    Leaking at;
    SECTION("by makings") {
        CHECK(at.byMakings([&] { forgotten.open(); }) ==
              Words{"leaks: a validator that is taken down leaves descriptors open"});
    }
    SECTION("by calls") {
        CHECK(at.byCalls([&](const TokenRequest&) { forgotten.open(); }) ==
              Words{"leaks: calls leave descriptors open"});
    }
}

TEST_CASE("threads that are left behind are named") {
    Waiting waiting;
    Leaking at;
    SECTION("by makings") {
        CHECK(at.byMakings([&] { waiting.start(); }) ==
              Words{"leaks: a validator that is taken down leaves a thread behind"});
    }
    SECTION("by calls") {
        CHECK(at.byCalls([&](const TokenRequest&) { waiting.start(); }) == Words{"leaks: calls leave threads behind"});
    }
}
