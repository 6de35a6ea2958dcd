// The time that a wrong key takes must not depend on how much of it is right.
//
// A key of 256 KiB makes an early end visible above the noise: texts that differ in their first and in their last
// letter are asked for in pairs. What else the machine does hits both alike, so it is the sign that counts: of a right
// comparison the late one is slower in half of the pairs, of one that ends early in nearly all. Both texts stand in the
// same memory, and the order changes from pair to pair.
#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <gatehouse/settings.hpp>

#include "kit/checks.hpp"
#include "kit/figures.hpp"
#include "plugin/library.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::size_t keyBytes = 256 << 10;
constexpr int rounds = 201;
constexpr double mostSlower = 0.75;   // of the pairs; by chance once in 10^12 checks
constexpr double leastDifference = 1; // microseconds

class Pairs {
public:
    Pairs(Subject& subject, std::string key) : subject_(subject), token_(std::move(key)) {}
    void measure() {
        for (int i = 0; i < rounds; ++i) {
            const bool lateFirst = i % 2 == 0;
            const double one = timeOf(lateFirst), other = timeOf(!lateFirst);
            differences_.push_back(lateFirst ? one - other : other - one);
        }
    }
    double difference() const { return medianOf(differences_); } // microseconds
    bool endsEarly() const {
        const auto slower = std::count_if(differences_.begin(), differences_.end(), [](double d) { return d > 0; });
        return static_cast<double>(slower) > mostSlower * rounds && difference() > leastDifference;
    }

private:
    double timeOf(bool isLate) {
        char& wrong = isLate ? token_.back() : token_.front();
        const char right = std::exchange(wrong, 'x');
        const auto began = std::chrono::steady_clock::now();
        subject_.judge(token_);
        const auto took = std::chrono::steady_clock::now() - began;
        wrong = right;
        return std::chrono::duration<double, std::micro>(took).count();
    }

    Subject& subject_;
    std::string token_;
    std::vector<double> differences_;
};

} // namespace

void checkComparison(CheckBench& bench) {
    bench.progress.beat("comparison: with a long key");
    const std::string key(keyBytes, 'k');
    KitValues values = bench.values;
    values["secret"] = key;
    const CheckBench longer{.plan = bench.plan,
                            .issuer = bench.issuer,
                            .provider = bench.provider,
                            .host = bench.host,
                            .make = bench.make,
                            .values = values,
                            .report = bench.report,
                            .progress = bench.progress,
                            .classes = bench.classes,
                            .patience = bench.patience};
    try {
        Subject subject = longer.subject();
        if (!std::holds_alternative<Accepted>(subject.judge(key)))
            return bench.report.line("comparison", "not measured: a key of 256 KiB is not taken");
        Pairs pairs(subject, key);
        pairs.measure();
        if (pairs.endsEarly())
            bench.report.fault("comparison",
                               "a key that is wrong at its end takes longer than one that is wrong at its "
                               "beginning: it can be guessed letter by letter",
                               "RFC 6750 section 5.2, CWE-208");
        bench.report.line("comparison", "of 256 KiB: wrong at the end takes " +
                                            std::to_string(static_cast<int>(pairs.difference())) + " us longer");
    } catch (const PluginError&) {
        bench.report.line("comparison", "not measured: a key of 256 KiB is refused");
    } catch (const SettingsError&) {
        bench.report.line("comparison", "not measured: a key of 256 KiB is refused");
    }
}

} // namespace gatehouse::kit
