#include "kit/check_run.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>

#include <openssl/crypto.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/kit_bench.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

struct Ended {
    int code = -1;
    std::string said;
};
// What is said in the other process comes by a file.
Ended run(const Json& settings, const MakeValidator& make) {
    const ScratchFolder folder;
    std::ofstream out(folder.file("report"));
    const int code = runChecks(checkPlanFrom(withoutPatience(settings)), make, out);
    return {code, readText(folder.file("report"))};
}

// One key, compared as it should be; `spoil` may say something else.
MakeValidator keyValidator(const std::function<Verdict(const TokenRequest&, const Verdict& right)>& spoil) {
    return [spoil](HostDeps&, const Json& settings, const auto&) {
        const auto key = settings.at("key").get<std::string>();
        return std::make_unique<ScriptedValidator>(Script{[spoil, key](const TokenRequest& request) {
            const bool isRight =
                request.token.size() == key.size() && CRYPTO_memcmp(request.token.data(), key.data(), key.size()) == 0;
            return spoil(request, KitBench::keyVerdict(isRight));
        }});
    };
}
Verdict asRight(const TokenRequest&, const Verdict& right) { return right; }
const Json keyPlan{{"tokens", "key"}, {"settings", {{"key", "${kit.secret}"}}}};

// JWTs, with keys that are fetched.
MakeValidator jwtValidator(bool requiresExpiry) {
    return [requiresExpiry](HostDeps& deps, const Json& settings, const auto&) {
        jose::AccessTokenRules rules;
        rules.algorithms = {jose::Algorithm::ES256};
        rules.claims.issuers = {settings.at("issuer").get<std::string>()};
        rules.claims.audiences = {settings.at("audience").get<std::string>()};
        rules.claims.requiresExpiry = requiresExpiry;
        auto keys = std::make_shared<FetchedKeys>(deps, settings.at("jwks").get<std::string>());
        return std::make_unique<ScriptedValidator>(Script{[keys, rules](const TokenRequest& request) {
            const auto from = [&](const std::string& id) { return keys->answerFor(id); };
            return jose::judgeAccessToken(request.token, from, rules, wallNow());
        }});
    };
}
// `leaks` asks tens of thousands of times: it is made with keys that are cheap to compare.
const Json jwtPlan{
    {"algorithms", {"ES256"}},
    {"without", {"leaks"}},
    {"settings", {{"issuer", "${kit.issuer}"}, {"audience", "${kit.audience}"}, {"jwks", "${kit.jwks}"}}}};

} // namespace

TEST_CASE("a right validator of one key passes every check") {
    const Ended ended = run(keyPlan, keyValidator(asRight));
    INFO(ended.said);
    CHECK(ended.code == 0);
    CHECK_THAT(ended.said, Catch::Contains("passed: ") && Catch::Contains(" tokens, 0 faults\n"));
    for (const std::string& name :
         {"key", "strange", "identity", "secrecy", "caching", "concurrency", "leaks", "inline", "comparison"})
        CHECK_THAT(ended.said, Catch::Contains("\n  " + name + " ") || Catch::StartsWith("  " + name + " "));
    CHECK_THAT(ended.said, !Catch::Contains("not checked"));
}

TEST_CASE("a right validator of JWTs passes, and one that is wrong fails by what is wrong with it") {
    const Ended right = run(jwtPlan, jwtValidator(true));
    INFO(right.said);
    CHECK(right.code == 0);
    CHECK_THAT(right.said, Catch::StartsWith("  leaks          not checked: left out by the settings\n"));
    for (const char* name : {"good", "signature", "algorithm", "header", "type", "time", "audience", "issuer",
                             "subject", "form", "provider"})
        CHECK_THAT(right.said, Catch::Contains(std::string("\n  ") + name + " "));
    const Ended wrong = run(jwtPlan, jwtValidator(false));
    CHECK(wrong.code == 1);
    CHECK_THAT(wrong.said, Catch::Contains("\nFAULT time: a token without exp is accepted (RFC 7519 "));
    CHECK_THAT(wrong.said, Catch::EndsWith(" tokens, 1 faults\n"));
}

TEST_CASE("the tokens of a store and of an authorization server are made and known") {
    const auto stored = [](HostDeps& deps, const Json&, const auto&) {
        return std::make_unique<ScriptedValidator>(Script{[&deps](const TokenRequest& request) -> Verdict {
            const auto found = deps.findToken(request.tokenSha256);
            if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{};
            const auto* record = std::get_if<TokenRecord>(&found);
            return KitBench::keyVerdict(record && record->expiresAt > wallNow());
        }});
    };
    CHECK(run({{"tokens", "stored"}, {"classes", {"stored", "strange"}}}, stored).code == 0);
    const auto refusing = making({[](const TokenRequest&) { return Rejected{}; }});
    const Ended ended = run({{"tokens", "opaque"}, {"classes", {"introspection"}}}, refusing);
    CHECK(ended.code == 1);
    CHECK_THAT(ended.said, Catch::Contains("FAULT introspection: a token that the server says is active is refused"));
}

TEST_CASE("only the classes that are named are made") {
    const auto refusing = making({[](const TokenRequest&) { return Rejected{}; }});
    const Ended time = run({{"algorithms", {"HS256"}}, {"classes", {"time"}}}, refusing);
    CHECK_THAT(time.said, Catch::Contains("  good           not checked: left out by the settings\n"));
    CHECK_THAT(time.said,
               Catch::Contains("FAULT good: a right token is refused, so that nothing is said by what else"));
    CHECK_THAT(time.said, Catch::EndsWith(" tokens, 1 faults\n"));
    const Ended good = run({{"algorithms", {"HS256"}}, {"classes", {"good"}}}, refusing);
    CHECK(good.code == 1);
    CHECK_THAT(good.said, Catch::Contains("  time           not checked: left out by the settings\n"));
    CHECK_THAT(good.said, Catch::Contains("FAILED: 13 tokens, "));
}

TEST_CASE("a validator that ends the process is named with the token that it was asked about") {
    const auto crashes = keyValidator([](const TokenRequest& request, const Verdict& right) {
        if (request.token.find('\0') == std::string_view::npos) return right;
        const rlimit noCore{0, 0};
        ::setrlimit(RLIMIT_CORE, &noCore);
        std::signal(SIGABRT, SIG_DFL);
        std::abort();
    });
    const Ended ended = run(keyPlan, crashes);
    CHECK(ended.code == 1);
    CHECK_THAT(ended.said, Catch::EndsWith("FAULT key: it crashed (Aborted) at key: the right text and a NUL\n"
                                           "FAILED: 0 tokens, 1 faults\n"));
}

TEST_CASE("every value that settings may ask for is there, and those with files are files") {
    const char* names[] = {"issuer",     "audience",        "secret",        "jwks",          "jwks_file",
                           "public_key", "public_key_file", "introspection", "token_endpoint"};
    Json asked = Json::object();
    for (const std::string name : names) asked[name] = "${kit." + name + "}";
    const auto looks = [&](HostDeps& deps, const Json& given, const auto&) {
        bool isRight = deps.resourceUrl == given.at("audience") && given.at("secret").get<std::string>().size() == 64;
        for (const std::string name : names) isRight = isRight && !given.at(name).get<std::string>().empty();
        isRight = isRight && readText(given.at("public_key_file")) == given.at("public_key");
        isRight = isRight && Json::parse(readText(given.at("jwks_file"))).at("keys").size() == 1;
        for (const char* url : {"jwks", "introspection", "token_endpoint"})
            isRight =
                isRight && given.at(url).get<std::string>().rfind(given.at("issuer").get<std::string>() + "/", 0) == 0;
        return std::make_unique<ScriptedValidator>(
            Script{[isRight](const TokenRequest&) { return isRight ? Verdict(Rejected{}) : Verdict(Accepted{}); }});
    };
    const Ended ended = run({{"algorithms", {"ES256"}}, {"classes", {"time"}}, {"settings", asked}}, looks);
    CHECK_THAT(ended.said, Catch::Contains("FAULT good: ") && !Catch::Contains("FAULT time")); // all were refused
}
