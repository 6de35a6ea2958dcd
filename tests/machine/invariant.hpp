// What a machine test does when an invariant does not hold: names it and ends the process, as a sanitizer would.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace gatehouse::test {

inline void invariant(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "Broken invariant: %s\n", what);
    std::abort();
}

} // namespace gatehouse::test
