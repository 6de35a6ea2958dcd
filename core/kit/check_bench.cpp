#include <chrono>
#include <thread>

#include "kit/checks.hpp"

namespace gatehouse::kit {

namespace {

constexpr std::chrono::milliseconds pause{20};

} // namespace

std::string nameOf(const Verdict& verdict) {
    if (std::holds_alternative<Accepted>(verdict)) return "accepted";
    return std::holds_alternative<Rejected>(verdict) ? "refused" : "unavailable";
}

Subject CheckBench::subject() const {
    return Subject(make(host.deps(), filledIn(plan.settings, values),
                        [&] {
                            std::map<std::string, Json> others;
                            for (const auto& [name, own] : plan.validators) others[name] = filledIn(own, values);
                            return others;
                        }()),
                   issuer.audience(), plan.headers);
}

Subject CheckBench::readySubject() {
    Subject made = subject();
    const std::string good = goodToken();
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!std::holds_alternative<Accepted>(made.judge(good))) {
        if (std::chrono::steady_clock::now() >= until) {
            patience = std::chrono::seconds(0);
            break;
        }
        progress.beat();
        std::this_thread::sleep_for(pause);
    }
    return made;
}

std::string CheckBench::goodToken(const std::string& subject) const {
    if (plan.kind == TokenKind::jwt) return issuer.goodTokenOf(subject);
    if (plan.kind == TokenKind::key) return issuer.secret();
    const TokenCase* good = someCase(Wanted::accepted);
    return good ? good->token : std::string();
}

const TokenCase* CheckBench::someCase(Wanted wanted) const {
    for (const TokenClass& one : classes)
        for (const TokenCase& token : one.cases)
            if (token.wanted == wanted) return &token;
    return nullptr;
}

} // namespace gatehouse::kit
