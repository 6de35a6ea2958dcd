#include "kit/check_run.hpp"

#include <array>
#include <ostream>

#include <unistd.h>

#include "kit/checks.hpp"
#include "kit/scratch_files.hpp"
#include "plugin/library.hpp"

namespace gatehouse::kit {

namespace {

constexpr const char* audience = "https://kit.example/mcp";
constexpr std::chrono::seconds patience{40};

std::vector<TokenClass> allClasses(const CheckPlan& plan, const KitIssuer& issuer, KitProvider& provider,
                                   KitHost& host) {
    switch (plan.kind) {
        case TokenKind::jwt:
            return {goodTokens(issuer),      wrongSignatures(issuer),
                    wrongAlgorithms(issuer), wrongHeaders(issuer, provider.trapUrl()),
                    wrongTypes(issuer),      wrongTimes(issuer, plan.leewaySeconds),
                    wrongAudiences(issuer),  wrongIssuers(issuer),
                    wrongSubjects(issuer),   wrongForms(issuer),
                    strangeTexts()};
        case TokenKind::opaque: return {introspectedTokens(issuer, provider), strangeTexts()};
        case TokenKind::stored: return {storedTokens(host.tokens), strangeTexts()};
        case TokenKind::listed: return {strangeTexts()};
        case TokenKind::key: {
            TokenClass keys = wrongKeys(issuer.secret());
            keys.cases.push_back({"the right text", issuer.secret(), Wanted::accepted, ""});
            return {std::move(keys), strangeTexts()};
        }
    }
    return {};
}

std::vector<TokenClass> classesThatApply(const CheckPlan& plan, std::vector<TokenClass> all) {
    std::vector<TokenClass> out;
    all.push_back(listedTokens(plan.good, plan.bad));
    for (TokenClass& one : all)
        if (plan.has(one.name) && !one.cases.empty()) out.push_back(std::move(one));
    return out;
}

struct NamedCheck {
    const char* name;
    void (*check)(CheckBench&);
};
constexpr std::array<NamedCheck, 9> checks{{{"identity", checkIdentity},
                                            {"secrecy", checkSecrecy},
                                            {"caching", checkCaching},
                                            {"concurrency", checkConcurrency},
                                            {"leaks", checkLeaks},
                                            {"inline", checkInline},
                                            {"comparison", checkComparison},
                                            {"exchange", checkExchange},
                                            {"provider", checkProvider}}}; // last: it leaves its keys behind

int checkAll(const CheckPlan& plan, const MakeValidator& make, const ScratchFiles& files, CheckReport& report,
             Progress& progress) {
    Log log(STDERR_FILENO, LogLevel::error);
    KitProvider provider(log);
    KitIssuer issuer({provider.url(), audience, plan.algorithms});
    provider.publish(issuer.keySet().dump());
    provider.setTrap(Json{{"keys", {issuer.stranger().jwk({{"kid", "own"}, {"alg", "RS256"}})}}}.dump());
    KitHost host(audience);
    files.write(issuer);
    const KitValues values{{"issuer", issuer.url()},
                           {"audience", audience},
                           {"secret", issuer.secret()},
                           {"jwks", provider.keysUrl()},
                           {"jwks_file", files.keySet()},
                           {"public_key", issuer.publicPem()},
                           {"public_key_file", files.publicKey()},
                           {"introspection", provider.introspectionUrl()},
                           {"token_endpoint", provider.tokenUrl()}};
    CheckBench bench{.plan = plan,
                     .issuer = issuer,
                     .provider = provider,
                     .host = host,
                     .make = make,
                     .values = values,
                     .report = report,
                     .progress = progress,
                     .classes = classesThatApply(plan, allClasses(plan, issuer, provider, host)),
                     .patience = plan.patience};
    checkTokens(bench);
    for (const auto& [name, check] : checks)
        if (plan.has(name)) check(bench);
    return report.close();
}

void reportLeftOut(const CheckPlan& plan, CheckReport& report) {
    for (const std::string& name : classesOf(plan.kind))
        if (!plan.has(name)) report.line(name, "not checked: left out by the settings");
}

} // namespace

int runChecks(const CheckPlan& plan, const MakeValidator& make, std::ostream& out) {
    CheckReport report(out);
    Progress progress;
    const ScratchFiles files; // of this process: they go whatever becomes of the other
    reportLeftOut(plan, report);
    const GuardedEnd end =
        runGuarded([&] { return checkAll(plan, make, files, report, progress); }, progress, patience);
    if (!end.threw.empty()) throw PluginError(end.threw);
    if (end.fault.empty()) return end.exitCode;
    const std::string where = progress.what();
    report.fault(where.substr(0, where.find(':')), end.fault + " at " + where);
    return report.close();
}

} // namespace gatehouse::kit
