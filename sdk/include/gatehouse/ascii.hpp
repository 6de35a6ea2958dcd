// Letters of ASCII, whatever the locale.
// Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace gatehouse {

constexpr bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool isAlphanumeric(char c) { return isLetter(c) || (c >= '0' && c <= '9'); }

constexpr char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char raised(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lowered(c);
    return out;
}

// Inline, because most comparisons end at the length, and most others in letters of the same case.
inline bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0) return true;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i] && lowered(a[i]) != lowered(b[i])) return false;
    return true;
}

} // namespace gatehouse
