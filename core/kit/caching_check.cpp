// How long the host may keep a verdict, and for which requests; and what it costs when it may not.
#include <chrono>
#include <optional>

#include "base/digest.hpp"
#include "base/random.hpp"
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

WallTime wallTime(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

bool isKeptPast(const CachePolicy& policy, WallTime end) {
    const WallTime now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return policy.time() > end - now;
}

struct EndingToken {
    std::string token;
    WallTime end;
};

// A token that ends in half a minute; nothing where the check makes none.
std::optional<EndingToken> endingToken(CheckBench& bench) {
    constexpr std::int64_t life = 30;
    Json claims = bench.issuer.claims();
    const std::int64_t end = claims.at("iat").get<std::int64_t>() + life;
    claims["exp"] = end;
    if (bench.plan.kind == TokenKind::jwt)
        return EndingToken{bench.issuer.sign(bench.issuer.header(bench.issuer.firstAlgorithm()), claims),
                           wallTime(end)};
    EndingToken made{randomBase64Url(32, false), wallTime(end)};
    if (bench.plan.kind == TokenKind::opaque) {
        claims["active"] = true;
        bench.provider.know(made.token, claims.dump());
        return made;
    }
    if (bench.plan.kind != TokenKind::stored) return std::nullopt;
    bench.host.tokens[sha256(made.token)] =
        TokenRecord{.id = "kit-ending", .note = "Kit", .createdAt = wallTime(end - 60), .expiresAt = made.end};
    return made;
}

// The host forgets a verdict when its identity ends: that must not be later than the token.
void judgeEnd(CheckBench& bench, Subject& subject, const EndingToken& ending) {
    const Verdict verdict = subject.judge(ending.token);
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (yes && yes->identity.expiresAt > ending.end + std::chrono::seconds(bench.plan.leewaySeconds))
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
    if (no && isKeptPast(no->cache, wallTime(begin)))
        bench.report.fault("caching", "the refusal of a token that is not valid yet is kept after it has become valid");
}

void judgeAddress(CheckBench& bench, Subject& subject) {
    const std::string token = bench.goodToken();
    const Verdict here = subject.judge(token, "127.0.0.1"), there = subject.judge(token, "192.0.2.77");
    if (here.index() == there.index()) return;
    for (const Verdict* verdict : {&here, &there}) {
        const CachePolicy* policy = policyOf(*verdict);
        if (policy && !policy->isNever() && !policy->isPerPeer())
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

void reportCost(CheckBench& bench, Subject& subject) {
    const std::string token = bench.goodToken();
    const Verdict verdict = subject.judge(token);
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (!yes) return bench.report.line("caching", "not measured: the good token is " + nameOf(verdict));
    const std::string cost = oneDecimal(medianCost(bench, subject, token)) + " us";
    if (yes->cache.isNever()) {
        bench.report.line("caching", "never: every call asks the validator again and costs " + cost +
                                         "; with CachePolicy::forToken() that is paid once for each token");
        return;
    }
    const bool byPeer = yes->cache.isPerPeer() || yes->cache.isPerCertificate();
    bench.report.line("caching", std::string(byPeer ? "for each token and peer" : "for each token") +
                                     ": asking the validator costs " + cost + ", once until the verdict ends");
}

} // namespace

void checkCaching(CheckBench& bench) {
    const auto ending = endingToken(bench); // before a validator is made, which may read the store
    Subject subject = bench.readySubject();
    if (ending) judgeEnd(bench, subject, *ending);
    judgeBeginning(bench, subject);
    judgeAddress(bench, subject);
    reportCost(bench, subject);
}

} // namespace gatehouse::kit
