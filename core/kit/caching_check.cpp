// How long the host may keep a verdict, and for which requests; and what it costs when it may not.
#include <chrono>

#include "kit/checks.hpp"
#include "kit/figures.hpp"

namespace gatehouse::kit {

namespace {

using Micros = std::chrono::duration<double, std::micro>;

const CachePolicy* policyOf(const Verdict& verdict) {
    if (const auto* yes = std::get_if<Accepted>(&verdict)) return &yes->cache;
    const auto* no = std::get_if<Rejected>(&verdict);
    return no ? &no->cache : nullptr;
}

bool isKept(const CachePolicy& policy) { return policy.varyBy != CachePolicy::thisRequest; }

WallTime wallTime(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

// A token that ends soon: nothing that is said of it may be kept for longer, nor may the identity.
void judgeEnd(CheckBench& bench, Subject& subject) {
    if (bench.plan.kind != TokenKind::jwt) return;
    Json claims = bench.issuer.claims();
    const std::int64_t end = claims.at("iat").get<std::int64_t>() + 30;
    claims["exp"] = end;
    const Verdict verdict =
        subject.judge(bench.issuer.sign(bench.issuer.header(bench.issuer.firstAlgorithm()), claims));
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (!yes) return;
    const WallTime last = wallTime(end + bench.plan.leewaySeconds);
    if (isKept(yes->cache) && yes->cache.until > last)
        bench.report.fault("caching", "an accepted token may be kept for longer than it is valid");
    if (yes->identity.expiresAt > last)
        bench.report.fault("caching",
                           "the identity of an accepted token lasts longer than the token: streams stay open");
}

void judgeBeginning(CheckBench& bench, Subject& subject) {
    if (bench.plan.kind != TokenKind::jwt) return;
    Json claims = bench.issuer.claims();
    const std::int64_t begin = claims.at("iat").get<std::int64_t>() + bench.plan.leewaySeconds + 60;
    claims["nbf"] = begin;
    const Verdict verdict =
        subject.judge(bench.issuer.sign(bench.issuer.header(bench.issuer.firstAlgorithm()), claims));
    const auto* no = std::get_if<Rejected>(&verdict);
    if (no && isKept(no->cache) && no->cache.until > wallTime(begin))
        bench.report.fault("caching", "the refusal of a token that is not valid yet is kept after it has become valid");
}

void judgeAddress(CheckBench& bench, Subject& subject) {
    const std::string token = bench.goodToken();
    const Verdict here = subject.judge(token, "127.0.0.1"), there = subject.judge(token, "192.0.2.77");
    if (here.index() == there.index()) return;
    for (const Verdict* verdict : {&here, &there}) {
        const CachePolicy* policy = policyOf(*verdict);
        if (policy && isKept(*policy) && (policy->varyBy & CachePolicy::peer) == 0)
            bench.report.fault("caching", "verdicts differ by the caller's address, but are kept for every address");
    }
}

double medianCost(CheckBench& bench, Subject& subject, const std::string& token) {
    constexpr int rounds = 301;
    std::vector<double> took;
    for (int i = 0; i < rounds; ++i) {
        bench.progress.beat("caching: measuring");
        const auto began = std::chrono::steady_clock::now();
        static_cast<void>(subject.judge(token));
        took.push_back(Micros(std::chrono::steady_clock::now() - began).count());
    }
    return medianOf(std::move(took));
}

void tellCost(CheckBench& bench, Subject& subject) {
    const std::string token = bench.goodToken();
    const Verdict verdict = subject.judge(token);
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (!yes) return bench.report.line("caching", "not measured: the good token is " + nameOf(verdict));
    const std::string cost = oneDecimal(medianCost(bench, subject, token)) + " us";
    if (!isKept(yes->cache)) {
        bench.report.line("caching", "never: every call asks the validator again and costs " + cost +
                                         "; with CachePolicy::token that is paid once for each token");
        return;
    }
    const bool byPeer = (yes->cache.varyBy & (CachePolicy::peer | CachePolicy::certificate)) != 0;
    bench.report.line("caching", std::string(byPeer ? "for each token and peer" : "for each token") +
                                     ": asking the validator costs " + cost + ", once until the verdict ends");
}

} // namespace

void checkCaching(CheckBench& bench) {
    Subject subject = bench.readySubject();
    judgeEnd(bench, subject);
    judgeBeginning(bench, subject);
    judgeAddress(bench, subject);
    tellCost(bench, subject);
}

} // namespace gatehouse::kit
