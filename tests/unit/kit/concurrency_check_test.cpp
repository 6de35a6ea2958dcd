#include <catch2/catch.hpp>

#include <mutex>
#include <thread>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::string otherVerdict =
    "concurrency: a token gets another verdict while others are judged: state is shared between calls";
const std::string otherIdentity =
    "concurrency: a token gets the identity of another while others are judged: state is shared between calls";

struct Crowded : KitBench {
    Crowded() : KitBench(Json{{"algorithms", {"HS256"}}}) { classes = {goodTokens(issuer), wrongTimes(issuer, 60)}; }
};

// Keeps who asked last, and for whom; `mix` gets that when it was another thread than this one.
class LastAsked {
public:
    using Mix = std::function<void(Accepted& yes, const std::string& last, Verdict& verdict)>;
    explicit LastAsked(Mix mix) : mix_(std::move(mix)) {}
    void mixInto(Verdict& verdict) {
        auto* yes = std::get_if<Accepted>(&verdict);
        if (!yes) return;
        const std::lock_guard lock(mutex_);
        const std::string last = std::exchange(subject_, yes->identity.subject);
        if (std::exchange(thread_, std::this_thread::get_id()) != std::this_thread::get_id()) mix_(*yes, last, verdict);
    }

private:
    const Mix mix_;
    std::mutex mutex_; // guards what follows
    std::string subject_;
    std::thread::id thread_ = std::this_thread::get_id();
};

Script mixing(const KitBench& at, LastAsked& state) {
    return {[&state, judge = at.right()](const TokenRequest& request) {
        Verdict verdict = judge(request);
        state.mixInto(verdict);
        return verdict;
    }};
}

} // namespace

TEST_CASE("who shares nothing between calls has no fault") {
    Crowded at;
    CHECK(at.faultsOf(checkConcurrency, Script{at.right()}).empty());
    // 24 subjects, and 8 tokens of each of two classes, 40 times by 8 threads
    CHECK_THAT(at.said, Catch::Contains("  concurrency    8 threads, 12800 calls, 0 wrong\n"));
    CHECK(at.progress.beats() > 320);
}

TEST_CASE("who tells a thread what another asked for is named") {
    Crowded at;
    LastAsked state([](Accepted& yes, const std::string& last, Verdict&) { yes.identity.subject = last; });
    CHECK(at.faultsOf(checkConcurrency, mixing(at, state)) == Words{otherIdentity});
}

TEST_CASE("who refuses one thread for what another asked is named") {
    Crowded at;
    LastAsked state([](Accepted&, const std::string&, Verdict& verdict) { verdict = Rejected{}; });
    CHECK(at.faultsOf(checkConcurrency, mixing(at, state)) == Words{otherVerdict});
}

TEST_CASE("fixed keys are judged by many threads at once too") {
    KitBench at(Json{{"tokens", "key"}});
    at.classes = {wrongKeys(at.issuer.secret())};
    CHECK(at.faultsOf(checkConcurrency, Script{at.rightKey()}).empty());
    CHECK_THAT(at.said, Catch::Contains("8 threads, 2560 calls, 0 wrong\n"));
}
