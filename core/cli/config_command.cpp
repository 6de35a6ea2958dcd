// gatehouse config check
#include <ostream>

#include "cli/command.hpp"

namespace gatehouse::cli {

namespace {

constexpr const char* help = R"(Usage: gatehouse config check [--config FILE]

Reads the settings as serve would, and tells everything that is wrong with them at once.
)";

} // namespace

int config(const Console& console, const std::vector<std::string>& words) {
    auto flags = settingsFlags();
    flags.push_back({"help"});
    const Arguments arguments(words, flags);
    const auto& rest = arguments.words();
    if (arguments.has("help") || rest.empty()) return console.out << help, arguments.has("help") ? done : wrongUse;
    if (rest.size() != 1 || rest[0] != "check") throw WrongUse("config: wanted check");
    const Config read = readSettings(console, arguments);
    console.out << (read.file.empty() ? "no settings file; the defaults" : read.file) << ": ok\n";
    return done;
}

} // namespace gatehouse::cli
