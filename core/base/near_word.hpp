// The word that a misspelt one was meant to be, for "did you mean".
// Threads: any; nothing is kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gatehouse/ascii.hpp>

namespace gatehouse {

// Levenshtein distance: the fewest single characters to insert, remove or replace.
inline std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row.back();
}

// The nearest of `known`, or "" when none is near: at most two slips, and one in three characters. Upper and lower
// case, "-" and "_" count as the same.
inline std::string nearWord(std::string_view word, const std::vector<std::string_view>& known) {
    constexpr std::size_t longest = 64; // of a key; what is longer is no slip
    const auto plain = [](std::string_view text) {
        std::string out(text);
        for (char& c : out) c = c == '-' ? '_' : lowered(c);
        return out;
    };
    std::string best;
    std::size_t least = 3;
    if (word.size() > longest) return best;
    for (const std::string_view each : known) {
        const std::size_t far = editDistance(plain(word), plain(each));
        if (far < least && far * 3 <= std::max(word.size(), each.size())) least = far, best = each;
    }
    return best;
}

// What is said of a key of settings that is none of `known`.
inline std::string unknownKey(std::string_view key, const std::vector<std::string_view>& known) {
    const std::string meant = nearWord(key, known);
    if (!meant.empty()) return "unknown; did you mean \"" + meant + "\"?";
    std::string list;
    for (const std::string_view each : known) list.append(list.empty() ? "" : ", ").append(each);
    return list.empty() ? "unknown key; there are no settings here" : "unknown key, expected one of: " + list;
}

} // namespace gatehouse
