// A bug on purpose: a target compiled with GATEHOUSE_PLANTED_BUG reads past its memory when what the core made of an
// input begins with "xyz", which no seed does. find_planted_bug.sh insists that each target finds its own.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

inline void plantedBug([[maybe_unused]] std::string_view made) {
#ifdef GATEHOUSE_PLANTED_BUG
    static constexpr std::string_view wanted = "xyz";
    std::size_t same = 0;
    while (same < wanted.size() && same < made.size() && made[same] == wanted[same]) ++same;
    if (same == wanted.size()) std::fputs("The planted bug is met.\n", stderr);
    const std::unique_ptr<char[]> memory(new char[wanted.size()]{});
    if (const volatile char* const bytes = memory.get(); bytes[same] != 0) std::abort();
#endif
}
