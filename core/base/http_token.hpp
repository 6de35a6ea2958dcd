// token of HTTP: names of methods, headers and schemes.
// Source: RFC 9110 section 5.6.2. Threads: any.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse {

constexpr std::array<bool, 256> httpTokenChars = [] {
    std::array<bool, 256> table{};
    for (const char c :
         std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

inline bool isHttpToken(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return httpTokenChars[static_cast<unsigned char>(c)]; });
}

} // namespace gatehouse
