// Scans of every byte, without early exit and in 8-bit arithmetic, so that the compiler vectorises them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace gatehouse::http {

inline std::size_t countOf(std::string_view bytes, char wanted) {
    constexpr std::size_t block = 128; // the count of a block fits into 8 bits
    std::size_t count = 0;
    for (std::size_t from = 0; from < bytes.size(); from += block) {
        unsigned char found = 0;
        for (const char c : bytes.substr(from, block))
            found = static_cast<unsigned char>(found + (c == wanted ? 1 : 0));
        count += found;
    }
    return count;
}

// True if every CR is followed by LF and every LF follows a CR, no line begins with white space, and there is no
// control character but these and HTAB. `from` is never between a CR and what follows it; a CR at the end waits for its
// LF.
inline bool isPlainHead(std::string_view bytes, std::size_t from) {
    const auto isBad = [](unsigned char before, unsigned char c) { // no && and ||, which are branches
        const bool isTorn = (before == '\r') != (c == '\n');
        const bool isFolded = (before == '\n') & ((c == ' ') | (c == '\t'));
        const bool isControl = ((c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r')) | (c == 0x7F);
        return static_cast<unsigned char>(isTorn | isFolded | isControl);
    };
    if (from >= bytes.size()) return true;
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    unsigned char found = isBad(from == 0 ? 'x' : at(from - 1), at(from));
    for (std::size_t i = from + 1; i < bytes.size(); ++i)
        found = static_cast<unsigned char>(found | isBad(at(i - 1), at(i)));
    return found == 0;
}

// True if there is a control character other than HTAB, LF and CR.
inline bool hasControls(std::string_view bytes) {
    unsigned char found = 0;
    for (const char signedByte : bytes) {
        const auto c = static_cast<unsigned char>(signedByte);
        const auto low = static_cast<unsigned char>(c < 0x20 ? 1 : 0);
        const auto allowed =
            static_cast<unsigned char>((c == '\t' ? 1 : 0) | (c == '\n' ? 1 : 0) | (c == '\r' ? 1 : 0));
        const auto bad = static_cast<unsigned char>((low & (allowed ^ 1)) | (c == 0x7F ? 1 : 0));
        found = static_cast<unsigned char>(found | bad);
    }
    return found != 0;
}

} // namespace gatehouse::http
