// A bug on purpose: a target compiled with GATEHOUSE_PLANTED_BUG reads past its memory when what the core made of an
// input begins with one of a few letters, which no seed does. find_planted_bug.sh insists that each target finds its
// own.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

inline void plantedBug([[maybe_unused]] std::string_view made) {
#ifdef GATEHOUSE_PLANTED_BUG
    constexpr std::string_view letters = "QZqz^|~%";
    if (made.empty() || letters.find(made.front()) == std::string_view::npos) return;
    std::fputs("The planted bug is met.\n", stderr);
    const std::unique_ptr<char[]> memory(new char[made.size()]{});
    if (const volatile char* const bytes = memory.get(); bytes[made.size()] != 0) std::abort();
#endif
}
