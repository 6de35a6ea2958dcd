// Upper and lower case of ASCII, whatever the locale.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

constexpr char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char raised(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string lowered(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lowered(c);
    return out;
}

} // namespace gatehouse
