// gatehouse hash: the SHA-256 of standard input.
#include <iostream>

#include "base/digest.hpp"
#include "cli/command.hpp"

namespace gatehouse::cli {

int hash(const Console& console, const std::vector<std::string>& words) {
    const Arguments arguments(words, {helpFlag()});
    console.out << hex(sha256(std::string(std::istreambuf_iterator<char>(console.in), {}))) << "\n";
    return done;
}

} // namespace gatehouse::cli
