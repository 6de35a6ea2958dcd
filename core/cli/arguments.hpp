// Arguments: flags and words of a command line. A flag may have one dash or two; its value follows it or an "=".
// Who asks for help anywhere is given help: where "help" is a known flag, "--help" and "-help" are told before anything
// else is looked at.
// Threads: any.
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace gatehouse::cli {

// The command line is wrong; exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct FlagSpec {
    std::string name;       // without dashes
    std::string value = {}; // what its value is called, such as "FILE"; empty: it takes none
    std::string help = {};  // for --help; empty: it is not shown there
};
// The lines of --help, from the same table that the flags are read by; 120 columns.
std::string flagHelp(const std::vector<FlagSpec>& flags);

class Arguments {
public:
    // Throws UsageError for an unknown flag or a missing value.
    Arguments(const std::vector<std::string>& words, const std::vector<FlagSpec>& flags);

    bool has(const std::string& flag) const { return values_.count(flag) > 0; }
    std::optional<std::string> value(const std::string& flag) const; // the last that was given
    std::vector<std::string> values(const std::string& flag) const;  // all that were, in order
    const std::vector<std::string>& words() const { return words_; }
    std::vector<std::string> flags() const; // that were given

private:
    std::map<std::string, std::vector<std::string>> values_;
    std::vector<std::string> words_;
};

} // namespace gatehouse::cli
