// While the identity provider is down no new token is accepted, and no good token is rejected.
#include <chrono>
#include <thread>

#include <gatehouse/settings.hpp>

#include "kit/checks.hpp"
#include "plugin/library.hpp"

namespace gatehouse::kit {

namespace {

constexpr const char* source = "RFC 6750 section 3.1: invalid_token says that the token is wrong";

// True when it said that it cannot decide, as it should.
bool judgeUnseen(CheckBench& bench, Subject& subject, const std::string& while_) {
    const Verdict good = subject.judge(bench.goodToken());
    if (std::holds_alternative<Accepted>(good))
        bench.report.fault("provider", "a token is accepted before any key of the provider was seen" + while_);
    if (std::holds_alternative<Rejected>(good))
        bench.report.fault("provider", "a good token is refused" + while_ + "; expected unavailable", source);
    return std::holds_alternative<Unavailable>(good);
}

// Who loads keys in the background may say "not yet" before, and something else once the provider has failed him.
void awaitQuestion(CheckBench& bench, int before) {
    constexpr std::chrono::milliseconds pause{20};
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (bench.provider.asked() == before && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(pause);
    std::this_thread::sleep_for(5 * pause); // for the answer to arrive
}

// Nothing of the provider's has been seen: a good token cannot be told from a wrong one.
void judgeFresh(CheckBench& bench, Health health) {
    const std::string while_ = std::string(", while its provider ") + wordsFor(health);
    bench.progress.beat("provider: made" + while_);
    try {
        const int asked = bench.provider.asked();
        Subject subject = bench.subject();
        if (judgeUnseen(bench, subject, while_)) { // before its keys are loaded,
            awaitQuestion(bench, asked);
            judgeUnseen(bench, subject, while_); // and after they could not be
        }
        const TokenCase* bad = bench.someCase(Wanted::refused);
        if (bad && std::holds_alternative<Accepted>(subject.judge(bad->token)))
            bench.report.fault("provider", bad->what + " is accepted" + while_);
    } catch (const PluginError&) { // it does not start without: strict, and safe
    } catch (const SettingsError&) {
    }
}

// It knows the keys, and then the provider goes.
void judgeKnown(CheckBench& bench, Subject& subject, Health health) {
    const std::string while_ = std::string(", while its provider ") + wordsFor(health);
    bench.progress.beat("provider: known keys" + while_);
    if (std::holds_alternative<Rejected>(subject.judge(bench.goodToken("somebody-new"))))
        bench.report.fault("provider", "a good token is refused" + while_ + "; expected accepted or unavailable",
                           source);
}

void judgeUnknownKey(CheckBench& bench, Subject& subject) {
    if (bench.plan.kind != TokenKind::jwt || isSymmetric(bench.issuer.firstAlgorithm())) return;
    bench.progress.beat("provider: a key that it cannot know");
    bench.issuer.rotate(); // not published: it cannot be fetched
    const Verdict verdict = subject.judge(bench.issuer.goodToken());
    if (std::holds_alternative<Accepted>(verdict))
        bench.report.fault("provider", "a token of a key that was never seen is accepted, while its provider is down");
    if (std::holds_alternative<Rejected>(verdict))
        bench.report.fault("provider",
                           "a token of a new key is refused, while its provider is down; expected unavailable", source);
}

bool asksItsProvider(CheckBench& bench) {
    const int before = bench.provider.asked();
    static_cast<void>(bench.readySubject().judge(bench.goodToken()));
    return bench.provider.asked() > before;
}

} // namespace

void checkProvider(CheckBench& bench) {
    if (!asksItsProvider(bench)) return bench.report.line("provider", "none is asked");
    Subject known = bench.readySubject();
    for (const Health health : {Health::failing, Health::garbage, Health::gone}) {
        bench.provider.setHealth(health);
        judgeFresh(bench, health);
        judgeKnown(bench, known, health);
    }
    judgeUnknownKey(bench, known);
    bench.provider.setHealth(Health::well);
    bench.provider.publish(bench.issuer.keySet().dump());
    bench.report.line("provider", "failing, garbage and gone: asked for good, wrong and unknown tokens");
}

} // namespace gatehouse::kit
