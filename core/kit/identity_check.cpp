// Whom an accepted token names: clients, sessions and cached verdicts are kept apart by it.
#include <map>
#include <optional>

#include "kit/checks.hpp"

namespace gatehouse::kit {

namespace {

std::optional<Identity> identityOf(Subject& subject, const std::string& token) {
    const Verdict verdict = subject.judge(token);
    const auto* yes = std::get_if<Accepted>(&verdict);
    return yes ? std::optional(yes->identity) : std::nullopt;
}

void judgeOne(CheckBench& bench, const TokenCase& token, const Identity& identity) {
    if (identity.isolationKey.empty())
        bench.report.fault("identity",
                           "the isolation key of an accepted token is empty: all callers would share a session");
    if (!token.subject.empty() && identity.subject != token.subject)
        bench.report.fault("identity", "an accepted token names another subject than its own");
}

// A caller that can choose its subject or client must not become another identity by a separator in one of them.
void judgeMarks(CheckBench& bench, Subject& subject) {
    std::map<std::string, std::string> seen;
    for (const char* mark : {" ", "|", ":", "/", "\n", "#", "\u001f", ","}) {
        for (const bool first : {true, false}) {
            Json claims = bench.issuer.claims();
            claims["sub"] = first ? std::string("a") + mark + "b" : "a";
            claims["client_id"] = first ? std::string("c") : std::string("b") + mark + "c";
            const auto identity =
                identityOf(subject, bench.issuer.sign(bench.issuer.header(bench.issuer.firstAlgorithm()), claims));
            if (!identity) continue;
            const std::string who = claims["sub"].get<std::string>() + "\x01" + claims["client_id"].get<std::string>();
            const auto [known, isNew] = seen.emplace(identity->isolationKey, who);
            if (!isNew && known->second.substr(0, known->second.find('\x01')) != claims["sub"])
                bench.report.fault("identity", "two subjects have one isolation key, by a mark in their names");
        }
    }
}

void judgeSameAgain(CheckBench& bench, Subject& subject) {
    const auto first = identityOf(subject, bench.goodToken("alice")),
               again = identityOf(subject, bench.goodToken("alice"));
    const auto other = identityOf(subject, bench.goodToken("bob"));
    if (first && again && first->isolationKey != again->isolationKey)
        bench.report.fault("identity",
                           "the next token of the same subject has another isolation key: its sessions are lost");
    if (first && other && first->isolationKey == other->isolationKey)
        bench.report.fault("identity", "two subjects have one isolation key");
}

} // namespace

void checkIdentity(CheckBench& bench) {
    Subject subject = bench.readySubject();
    std::size_t accepted = 0;
    for (const TokenClass& one : bench.classes)
        for (const TokenCase& token : one.cases) {
            if (token.wanted != Wanted::accepted) continue;
            bench.progress.beat("identity: " + token.what);
            const auto identity = identityOf(subject, token.token);
            if (!identity) continue;
            judgeOne(bench, token, *identity);
            ++accepted;
        }
    if (bench.plan.kind == TokenKind::jwt) {
        judgeSameAgain(bench, subject);
        judgeMarks(bench, subject);
    }
    bench.report.line("identity", std::to_string(accepted) + " identities looked at");
}

} // namespace gatehouse::kit
