#include "cli/core_dumps.hpp"

#include <sys/resource.h>

namespace gatehouse::cli {

// The soft limit alone: who debugs can raise it again (prlimit). Programs that cores are piped to look at it as well.
bool forbidCoreDumps() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0) return false;
    limit.rlim_cur = 0;
    return ::setrlimit(RLIMIT_CORE, &limit) == 0;
}

} // namespace gatehouse::cli
