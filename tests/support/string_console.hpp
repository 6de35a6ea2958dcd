// A Console on string streams, in a folder of its own, under a clock that tests turn.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "support/scratch_folder.hpp"
#include "support/turnable_clock.hpp"

namespace gatehouse::test {

// What a command said and how it ended.
struct Said {
    int code = -1;
    std::string out, err;
    std::string wrongUse; // what UsageError told, when it was thrown
};

struct StringConsole {
    ScratchFolder folder;
    TurnableClock clock;
    std::string config = folder.write("gatehouse.yaml", "");   // settings that the commands read
    std::string tokens = folder.file("gatehouse-tokens.yaml"); // where tokens are by default

    using Command = int (*)(const cli::Console&, const std::vector<std::string>&);
    Said run(Command command, const std::vector<std::string>& words, const std::string& typed = "") const {
        std::istringstream in(typed);
        std::ostringstream out, err;
        Said said;
        try {
            said.code = command({"gatehouse", folder.path(), in, out, err, clock}, words);
        } catch (const cli::UsageError& fault) {
            said.wrongUse = fault.what();
        }
        said.out = out.str();
        said.err = err.str();
        return said;
    }
};

} // namespace gatehouse::test
