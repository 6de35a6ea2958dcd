// Many threads at once, each with tokens of its own subjects: each token gets its own answer.
#include <array>
#include <atomic>
#include <thread>

#include "kit/checks.hpp"

namespace gatehouse::kit {

namespace {

constexpr int threads = 8;
constexpr int turns = 40;
constexpr int subjects = 24;

struct Counter {
    std::atomic<int> calls{0}, wrongVerdicts{0}, wrongIdentities{0};
};

std::vector<TokenCase> mixture(const CheckBench& bench) {
    std::vector<TokenCase> tokens;
    for (int i = 0; bench.plan.kind == TokenKind::jwt && i < subjects; ++i) {
        const std::string subject = "person-" + std::to_string(i);
        tokens.push_back({"", bench.issuer.goodTokenOf(subject), Wanted::accepted, subject});
    }
    for (const TokenClass& one : bench.classes) {
        int taken = 0;
        for (const TokenCase& token : one.cases)
            if (token.token.size() < 4096 && token.wanted != Wanted::notAccepted && ++taken <= 8)
                tokens.push_back(token);
    }
    return tokens;
}

bool isAccepted(const Verdict& verdict) { return std::holds_alternative<Accepted>(verdict); }

void judgeAll(Subject& subject, const std::vector<TokenCase>& tokens, const std::vector<bool>& expected,
              std::size_t offset, Counter& counter) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::size_t at = (i + offset) % tokens.size();
        const Verdict verdict = subject.judge(tokens[at].token);
        ++counter.calls;
        if (isAccepted(verdict) != expected[at]) ++counter.wrongVerdicts;
        const auto* yes = std::get_if<Accepted>(&verdict);
        const bool isOther = yes && !tokens[at].subject.empty() && yes->identity.subject != tokens[at].subject;
        if (isOther) ++counter.wrongIdentities;
    }
}

} // namespace

void checkConcurrency(CheckBench& bench) {
    bench.progress.beat("concurrency: many threads at once");
    Subject subject = bench.readySubject();
    const auto tokens = mixture(bench);
    std::vector<bool> alone; // accepted without load?
    for (const TokenCase& token : tokens) alone.push_back(isAccepted(subject.judge(token.token)));
    Counter counter;
    std::vector<std::thread> crowd;
    for (std::size_t thread = 0; thread < threads; ++thread)
        crowd.emplace_back([&, thread] {
            for (std::size_t turn = 0; turn < turns; ++turn) {
                judgeAll(subject, tokens, alone, thread * 7 + turn, counter);
                bench.progress.beat();
            }
        });
    for (std::thread& one : crowd) one.join();
    if (counter.wrongVerdicts > 0)
        bench.report.fault("concurrency",
                           "a token gets another verdict while others are judged: state is shared between calls");
    if (counter.wrongIdentities > 0)
        bench.report.fault(
            "concurrency",
            "a token gets the identity of another while others are judged: state is shared between calls");
    bench.report.line("concurrency", std::to_string(threads) + " threads, " + std::to_string(counter.calls) +
                                         " calls, " + std::to_string(counter.wrongVerdicts + counter.wrongIdentities) +
                                         " wrong");
    bench.report.line("concurrency",
                      "data races: build the plugin with -fsanitize=thread, and run "
                      "LD_PRELOAD=$(gcc -print-file-name=libtsan.so) gatehouse plugin check FILE");
}

} // namespace gatehouse::kit
