// The time that a wrong key takes must not depend on how much of it is right.
//
// A key of 256 KiB makes an early end visible above the noise: texts that differ in their first and in their last
// letter are asked for in turn, and the medians are compared.
#include <chrono>

#include <gatehouse/settings.hpp>

#include "kit/checks.hpp"
#include "kit/figures.hpp"
#include "plugin/library.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t keyBytes = 256 << 10;
constexpr int rounds = 201;

double timeOf(Subject& subject, const std::string& token) {
    const auto began = std::chrono::steady_clock::now();
    subject.judge(token);
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count();
}

} // namespace

void checkComparison(CheckBench& bench) {
    bench.progress.beat("comparison: with a long key");
    const std::string key(keyBytes, 'k');
    KitValues values = bench.values;
    values["secret"] = key;
    const CheckBench longer{bench.plan, bench.issuer, bench.provider, bench.host,    bench.make,
                            values,     bench.report, bench.progress, bench.classes, bench.patience};
    std::string early = key, late = key;
    early.front() = late.back() = 'x';
    try {
        Subject subject = longer.subject();
        if (!std::holds_alternative<Accepted>(subject.judge(key)))
            return bench.report.line("comparison", "not measured: a key of 256 KiB is not taken");
        std::vector<double> first, last;
        for (int i = 0; i < rounds; ++i) {
            first.push_back(timeOf(subject, early));
            last.push_back(timeOf(subject, late));
        }
        const double difference = medianOf(last) - medianOf(first);
        if (difference > 0.02 * medianOf(first) + 2)
            bench.report.fault("comparison",
                               "a key that is wrong at its end takes longer than one that is wrong at its "
                               "beginning: it can be guessed letter by letter",
                               "RFC 6750 section 5.2, CWE-208");
        bench.report.line("comparison", "of 256 KiB: wrong at the end takes " +
                                            std::to_string(static_cast<int>(difference)) + " us longer");
    } catch (const PluginRefused&) {
        bench.report.line("comparison", "not measured: a key of 256 KiB is refused");
    } catch (const SettingsError&) {
        bench.report.line("comparison", "not measured: a key of 256 KiB is refused");
    }
}

} // namespace gatehouse::kit
