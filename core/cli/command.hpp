// What every command of the executable is given, and the exit codes they share.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cli/arguments.hpp"
#include "config/config.hpp"
#include "server/server.hpp"

namespace gatehouse::cli {

inline constexpr int done = 0;
inline constexpr int failed = 1;
inline constexpr int wrongUse = 2;
inline constexpr int refused = 3;

struct Console {
    std::string program; // as typed
    std::filesystem::path executableFolder;
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    const Clock& clock;
};

// The flags that choose and override settings; every command that reads settings takes them.
std::vector<FlagSpec> settingsFlags();
FlagSpec settingsFlag(const std::string& name); // one of them
FlagSpec helpFlag();
// The same and those of serve.
std::vector<FlagSpec> serveFlags();
ServerOptions serveOptions(const Console& console, const Arguments& arguments);
// What serve serves by, as far as it can be read: what is wrong is in Config::faults.
Config settingsToServe(const Console& console, const Arguments& arguments);
// As far as they can be read; what is wrong is in Config::faults.
Config lookAtSettings(const Console& console, const Arguments& arguments);
// Throws ConfigError.
Config readSettings(const Console& console, const Arguments& arguments);

// A one-time link to the page of a server with these settings. Throws what the token store throws.
std::string newSignInLink(const Console& console, const Config& config, const std::string& owner);

int serve(const Console& console, const std::vector<std::string>& words);
int admin(const Console& console, const std::vector<std::string>& words);
int token(const Console& console, const std::vector<std::string>& words);
int plugin(const Console& console, const std::vector<std::string>& words);
int config(const Console& console, const std::vector<std::string>& words);
int explain(const Console& console, const std::vector<std::string>& words);
int policy(const Console& console, const std::vector<std::string>& words);
int generateKey(const Console& console, const std::vector<std::string>& words);
int jose(const Console& console, const std::vector<std::string>& words);
int clientConfig(const Console& console, const std::vector<std::string>& words);

// The forms without a subcommand: -add-token, -remove-token X, -list-tokens, and everything else serves.
int compatForm(const Console& console, const std::vector<std::string>& words);

} // namespace gatehouse::cli
