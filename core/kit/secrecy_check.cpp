// Nothing of a token, and no secret, in the log, in a reason or in what `explain` shows.
#include "kit/checks.hpp"

namespace gatehouse::kit {

namespace {

// What must not be seen: the end of the token, which is its signature or most of its chance.
std::string unmistakablePart(const std::string& token) {
    constexpr std::size_t least = 16;
    if (token.size() < least || token.size() > 4096) return {};
    return token.substr(token.size() - least);
}

struct Told {
    std::string reason, log, explained;
};

Told askAbout(CheckBench& bench, Subject& subject, const std::string& token) {
    Told told;
    std::vector<TokenCheck> trace;
    TokenRequest request = subject.requestFor(token);
    request.trace = &trace;
    const Verdict verdict = subject.validator().validate(request);
    if (const auto* no = std::get_if<Rejected>(&verdict)) told.reason = no->detail;
    if (const auto* down = std::get_if<Unavailable>(&verdict)) told.reason = down->detail;
    for (const TokenCheck& check : trace) told.explained += check.rule + " " + check.detail + "\n";
    told.log = bench.host.drainLog();
    return told;
}

void judge(CheckBench& bench, const Told& told, const std::string& secret, const std::string& what) {
    if (secret.empty()) return;
    const auto fault = [&](const char* where) { bench.report.fault("secrecy", what + where, "RFC 6750 section 5.3"); };
    if (told.log.find(secret) != std::string::npos) fault(" is written to the log");
    if (told.reason.find(secret) != std::string::npos) fault(" is in the reason of a verdict, which is logged");
    if (told.explained.find(secret) != std::string::npos) fault(" is shown by explain");
}

} // namespace

void checkSecrecy(CheckBench& bench) {
    Subject subject = bench.readySubject();
    bench.host.drainLog();
    std::size_t asked = 0;
    for (const TokenClass& one : bench.classes)
        for (std::size_t i = 0; i < one.cases.size(); i += 1 + one.cases.size() / 40) { // some 40 of each class
            const std::string& token = one.cases[i].token;
            bench.progress.beat("secrecy: " + one.cases[i].what);
            const Told told = askAbout(bench, subject, token);
            judge(bench, told, unmistakablePart(token), "a token");
            judge(bench, told, unmistakablePart(bench.issuer.secret()), "the secret");
            ++asked;
        }
    bench.report.line("secrecy", std::to_string(asked) + " tokens looked for in the log, in reasons and in explain");
}

} // namespace gatehouse::kit
