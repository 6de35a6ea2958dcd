// Comparison with a literal, whose length the compiler knows: for texts that every request is asked about. The
// comparison of std::string_view is a call or two, into the library and into memcmp().
// Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace gatehouse {

template <std::size_t size>
bool is(std::string_view text, const char (&literal)[size]) {
    return text.size() == size - 1 && (size == 1 || std::memcmp(text.data(), literal, size - 1) == 0);
}

} // namespace gatehouse
