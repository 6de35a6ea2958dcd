// gatehouse policy test: the operator's own table of who may do what, held against the rules.
#include <iomanip>
#include <ostream>

#include "auth/policy.hpp"
#include "base/joined.hpp"
#include "cli/command.hpp"
#include "server/setting_trial.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* policyHelp = R"(Usage: gatehouse policy test [--config FILE]

Holds auth.policy.tests against auth.policy.rules, and prints a line for each test. Exit code 1 when one does not hold.

)";

int testPolicy(std::ostream& out, const Policy& policy) {
    std::size_t wrong = 0;
    for (const PolicyTest& test : policy.tests()) {
        const Grants grants = policy.grantsOf(test.scopes);
        auto needed = policy.refusal(std::vector<std::string>(), grants);
        if (needed.empty()) needed = policy.refusal(test.kind, test.name, grants);
        const bool holds = needed.empty() == test.allowed;
        wrong += holds ? 0 : 1;
        out << (holds ? "ok    " : "WRONG ") << std::left << std::setw(6) << (needed.empty() ? "allow" : "deny")
            << std::setw(32) << test.name << " with " << (test.scopes.empty() ? "-" : joined(test.scopes))
            << (needed.empty() ? "" : "; needs " + joined(needed)) << "\n";
    }
    out << policy.tests().size() << " tests, " << wrong << " wrong\n";
    return wrong == 0 ? done : failed;
}

} // namespace

int policy(const Console& console, const std::vector<std::string>& words) {
    auto flags = settingsFlags();
    flags.push_back(helpFlag());
    const Arguments arguments(words, flags);
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty())
        return console.out << policyHelp << flagHelp({settingsFlag("config"), helpFlag()}),
               arguments.has("help") ? done : wrongUse;
    if (rest.size() != 1 || rest[0] != "test") throw UsageError("policy: expected test");
    const Config config = lookAtSettings(console, arguments);
    SettingFaults faults = config.faults;
    readOrTell(config, "auth.policy", config.auth.policy, faults,
               [](const Settings& some) { static_cast<void>(Policy(some)); });
    if (!faults.empty()) throw ConfigError(faults);
    const Policy read(Settings(config.auth.policy, "auth.policy"));
    if (read.tests().empty()) return console.out << "auth.policy.tests: none\n", done;
    return testPolicy(console.out, read);
}

} // namespace gatehouse::cli
