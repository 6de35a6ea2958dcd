// Every token of every class that applies: what it must get, and what it gets.
#include <algorithm>

#include "kit/checks.hpp"
#include "kit/figures.hpp"

namespace gatehouse::kit {

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr double slowness = 10; // of code that is made for ThreadSanitizer
#else
constexpr double slowness = 1;
#endif
constexpr double mostMicros = 100'000 * slowness;

bool isAsWanted(const TokenCase& token, const Verdict& verdict) {
    switch (token.wanted) {
        case Wanted::accepted: return std::holds_alternative<Accepted>(verdict);
        case Wanted::refused: return std::holds_alternative<Rejected>(verdict);
        case Wanted::notAccepted: return !std::holds_alternative<Accepted>(verdict);
    }
    return false;
}

std::string why(const Verdict& verdict) {
    const auto* no = std::get_if<Rejected>(&verdict);
    if (no) return no->detail.empty() ? "" : ": " + no->detail;
    const auto* down = std::get_if<Unavailable>(&verdict);
    return down && !down->detail.empty() ? ": " + down->detail : "";
}

void judgeClass(CheckBench& bench, Subject& subject, const TokenClass& one) {
    std::size_t right = 0;
    for (const TokenCase& token : one.cases) {
        bench.progress.beat(one.name + ": " + token.what);
        const double began = workedMicros();
        const Verdict verdict = subject.judge(token.token);
        if (workedMicros() - began > mostMicros)
            bench.report.fault(one.name,
                               token.what + " takes more than 100 ms of work: anybody can ask for that often");
        if (isAsWanted(token, verdict)) ++right;
        else bench.report.fault(one.name, token.what + " is " + nameOf(verdict) + why(verdict), one.source);
    }
    bench.report.count(one.cases.size());
    bench.report.line(one.name,
                      std::to_string(right) + " of " + std::to_string(one.cases.size()) + " tokens judged rightly");
}

// Who refuses every token passes every check of refusals: with the class of good tokens left out, one is asked about
// anyway.
void askAboutAGoodToken(CheckBench& bench, Subject& subject) {
    const std::string good = bench.goodToken();
    if (good.empty() || bench.someCase(Wanted::accepted)) return;
    const Verdict verdict = subject.judge(good);
    if (!std::holds_alternative<Accepted>(verdict))
        bench.report.fault("good", "a right token is " + nameOf(verdict) + why(verdict) +
                                       ", so that nothing is said by what else is refused");
}

} // namespace

void checkTokens(CheckBench& bench) {
    Subject subject = bench.readySubject();
    askAboutAGoodToken(bench, subject);
    for (const TokenClass& one : bench.classes) judgeClass(bench, subject, one);
    if (bench.provider.trapped() > 0)
        bench.report.fault("header", "a URL that a token names (jku, x5u) was asked for", "RFC 8725 section 3.10");
}

} // namespace gatehouse::kit
