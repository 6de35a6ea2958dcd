// Words in one text.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

inline std::string joined(const std::vector<std::string>& words, std::string_view between = " ") {
    std::string out;
    for (const std::string& word : words) out.append(out.empty() ? std::string_view() : between).append(word);
    return out;
}

} // namespace gatehouse
