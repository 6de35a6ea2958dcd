// What a validator gives a backend in the place of the caller's token (RFC 8693).
#include "kit/checks.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::chrono::milliseconds timeout{3000};

// A token of its own each time: what is kept of one exchange says nothing of the next.
ExchangeAnswer exchanged(CheckBench& bench, Subject& subject, const std::string& token) {
    bench.progress.beat("exchange: a token for the backend");
    const Verdict verdict = subject.judge(token);
    const auto* yes = std::get_if<Accepted>(&verdict);
    if (!yes) return Unavailable{"the token is " + nameOf(verdict)};
    return subject.validator().exchange({token, yes->identity, "", timeout});
}

void judgeGiven(CheckBench& bench, Subject& subject) {
    const std::string token = bench.goodToken("exchange-1");
    bench.provider.giveInExchange("kit-backend-token");
    const ExchangeAnswer answer = exchanged(bench, subject, token);
    const auto* given = std::get_if<Exchanged>(&answer);
    if (!given) return bench.report.fault("exchange", "a good token is not exchanged");
    if (given->credential == token)
        bench.report.fault("exchange", "the backend gets the caller's own token",
                           "RFC 8693 section 1, MCP authorization");
    if (given->credential != "kit-backend-token")
        bench.report.fault("exchange", "the backend gets another token than the provider gave");
}

void judgeRefused(CheckBench& bench, Subject& subject) {
    bench.provider.giveInExchange("");
    if (!std::holds_alternative<ExchangeRefused>(exchanged(bench, subject, bench.goodToken("exchange-2"))))
        bench.report.fault("exchange", "an exchange that the provider refuses is not refused");
}

void judgeDown(CheckBench& bench, Subject& subject, Health health) {
    bench.provider.setHealth(health);
    const auto answer = exchanged(bench, subject, bench.goodToken(std::string("exchange ") + wordsFor(health)));
    bench.provider.setHealth(Health::well);
    if (!std::holds_alternative<Unavailable>(answer))
        bench.report.fault("exchange",
                           std::string("an exchange is not unavailable, while the provider ") + wordsFor(health));
}

} // namespace

void checkExchange(CheckBench& bench) {
    Subject subject = bench.readySubject();
    if (!subject.traits().exchanges) return;
    judgeGiven(bench, subject);
    judgeRefused(bench, subject);
    for (const Health health : {Health::failing, Health::garbage, Health::gone}) judgeDown(bench, subject, health);
    bench.report.line("exchange", "given, refused, failing, garbage and gone");
}

} // namespace gatehouse::kit
