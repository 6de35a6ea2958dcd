// appendPieces: several texts at the end of one, which grows once for all of them.
//
//     appendPieces(out, "Content-Type: ", type, "\r\n");
//
// The length of a literal is known when this is compiled: none is asked for, and few bytes are copied in place.
// None of the pieces may be a view into `out`. Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace gatehouse {

namespace detail {

template <std::size_t size>
constexpr std::string_view pieceOf(const char (&literal)[size]) {
    return {literal, size - 1};
}
constexpr std::string_view pieceOf(std::string_view text) { return text; }

inline char* copied(char* to, std::string_view piece) {
    if (!piece.empty()) std::memcpy(to, piece.data(), piece.size());
    return to + piece.size();
}

} // namespace detail

template <class... Pieces>
void appendPieces(std::string& out, const Pieces&... pieces) {
    const std::size_t before = out.size();
    out.resize(before + (detail::pieceOf(pieces).size() + ...));
    char* to = out.data() + before;
    ((to = detail::copied(to, detail::pieceOf(pieces))), ...);
}

} // namespace gatehouse
