// gatehouse explain: why a token is let in or not.
#include <algorithm>
#include <istream>
#include <ostream>

#include <unistd.h>

#include "auth/explanation.hpp"
#include "base/digest.hpp"
#include "base/file_text.hpp"
#include "base/joined.hpp"
#include "base/shown_text.hpp"
#include "base/silent_telemetry.hpp"
#include "cli/command.hpp"
#include "cli/given_keys.hpp"
#include "mcp/transport/refusal_body.hpp"
#include "server/server_settings.hpp"
#include "server/setting_trial.hpp"
#include "server/validator_runtime.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* explainHelp = R"(Usage: gatehouse explain [flags] < TOKEN

Reads a token on standard input and says what the server would decide: the resource (audience) that this server is, each
rule of the validator, the scopes, the policy, and the exact HTTP answer. The token is not printed, and nothing is served.

)";

constexpr std::size_t maxToken = 1 << 20;

std::string readToken(std::istream& in) {
    std::string token;
    std::getline(in, token);
    while (!token.empty() && (token.back() == '\r' || token.back() == ' ')) token.pop_back();
    constexpr std::string_view scheme = "Bearer ";
    if (token.rfind(scheme, 0) == 0) token.erase(0, scheme.size());
    if (token.empty() || token.size() > maxToken) throw UsageError("explain: expected a token on standard input");
    return token;
}

std::string textOf(const std::string& file) {
    auto text = fileText(file);
    if (!text) throw UsageError("explain: " + file + " cannot be read");
    return std::move(*text);
}

std::string listed(const std::vector<std::string>& scopes) {
    return scopes.empty() ? "none" : shownText(joined(scopes));
}

std::optional<std::pair<FeatureKind, std::string>> askedFeature(const Arguments& arguments) {
    if (const auto tool = arguments.value("tool")) return std::pair(FeatureKind::tool, *tool);
    if (const auto uri = arguments.value("resource")) return std::pair(FeatureKind::resource, *uri);
    if (const auto prompt = arguments.value("prompt")) return std::pair(FeatureKind::prompt, *prompt);
    return std::nullopt;
}

void printAnswer(std::ostream& out, const std::optional<GateRefusal>& refusal) {
    if (!refusal) {
        out << "HTTP:      let in\n";
        return;
    }
    out << "HTTP:      " << refusal->status << "\n";
    std::string headers = refusal->headers;
    headers.erase(std::remove(headers.begin(), headers.end(), '\r'), headers.end());
    out << "           " << shownLines(headers) << "           " << shownText(mcp::refusalBody(*refusal)) << "\n";
}

int explainTo(std::ostream& out, TokenValidator& validator, TokenRequest request, const GateOptions& gate,
              const Arguments& arguments) {
    out << "validator: " << gate.authentication.validatorName << "\n"
        << "resource:  " << shownText(request.url) << "\n"; // which audience this server is
    std::vector<TokenCheck> trace;
    request.trace = &trace;
    const Verdict verdict = validator.validate(request);
    for (const TokenCheck& check : trace)
        out << "  " << (check.passed ? "ok    " : "WRONG ") << shownText(check.rule) << ": " << shownText(check.detail)
            << "\n";
    out << "verdict:   " << shownText(wordsFor(verdict)) << "\n";
    const Challenge challenge(gate.challenge);
    auto refusal = refusalFor(verdict, gate.policy, challenge);
    if (const auto* yes = std::get_if<Accepted>(&verdict)) {
        const Grants grants = gate.policy.grantsOf(yes->identity.scopes);
        out << "scopes:    " << listed(yes->identity.scopes) << "\n"
            << "with all that they include: " << listed(grants.scopes()) << "\n";
        if (const auto feature = askedFeature(arguments)) {
            const auto needed = gate.policy.refusal(feature->first, feature->second, grants);
            out << "policy:    " << shownText(feature->second)
                << (needed.empty() ? ": may be called" : ": needs " + joined(needed)) << "\n";
            if (!needed.empty() && !refusal) refusal = challenge.insufficientScope(needed);
        }
    }
    printAnswer(out, refusal);
    return refusal ? failed : done;
}

} // namespace

int explain(const Console& console, const std::vector<std::string>& words) {
    auto flags = settingsFlags();
    flags.insert(flags.end(), {{"tool", "NAME", "also whether this tool may be called"},
                               {"resource", "URI", "the same of a resource"},
                               {"prompt", "NAME", "the same of a prompt"},
                               {"keys", "FILE", "the issuer's key set (JWKS) from a file: nothing is fetched from it"},
                               {"peer", "ADDRESS", "as if the request came from there (default 127.0.0.1)"},
                               helpFlag()});
    const Arguments arguments(words, flags);
    if (arguments.has("help")) return console.out << explainHelp << flagHelp(flags), done;
    if (!arguments.words().empty())
        throw UsageError("explain takes no further words: the token is read on standard input");
    const Config config = lookAtSettings(console, arguments);
    SettingFaults faults = config.faults;
    readOrTell(config, "auth.policy", config.auth.policy, faults,
               [](const Settings& some) { static_cast<void>(Policy(some)); });
    if (!config.auth.enabled && !faults.empty()) throw UnusableConfigError(faults);
    if (!config.auth.enabled) return console.out << "authentication is off: everybody is let in\n", done;
    const std::string token = readToken(console.in);
    Log log(STDERR_FILENO, LogLevel::warning);
    SilentTelemetry telemetry;
    ValidatorRuntime runtime(config, {console.executableFolder, console.program}, console.clock, log, telemetry,
                             {[](std::string_view) {}, [](Change, std::string_view) {}});
    if (const auto keys = arguments.value("keys")) {
        HostDeps& host = runtime.hostDeps();
        host.fetch = fetchWithKeys(textOf(*keys), std::move(host.fetch));
    }
    runtime.open(faults);
    runtime.openTokens(faults, TokenStore::Access::read);
    if (!faults.empty()) throw UnusableConfigError(faults);
    const GateOptions gate = gateOptionsOf(config, runtime.validator());
    const std::string peer = arguments.value("peer").value_or("127.0.0.1");
    TokenValidator& validator = *runtime.validator();
    const TokenRequest request{.token = token,
                               .scheme = validator.traits().scheme,
                               .method = "POST",
                               .url = gate.authentication.resourceUrl,
                               .peer = peer,
                               .certificate = {},
                               .tokenSha256 = sha256(token),
                               .headers = {}};
    return explainTo(console.out, validator, request, gate, arguments);
}

} // namespace gatehouse::cli
