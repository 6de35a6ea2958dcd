#include "base/shown_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace gatehouse {

namespace {

struct Range {
    std::uint32_t first, last;
};

// General category Cf, and what else has no shape of its own or ends a line (Unicode 15). Variation selectors are not
// among them: emoji are written with them.
constexpr std::array<Range, 23> invisible{{
    {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},   {0x06DD, 0x06DD},
    {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x180E, 0x180E},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},
}};

bool isHidden(std::uint32_t code) {
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return true;
    return std::any_of(invisible.begin(), invisible.end(),
                       [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// One character at the front of `text`; size 0: it is no UTF-8 (RFC 3629: shortest form, no surrogates).
struct Character {
    std::uint32_t code = 0;
    std::size_t size = 0;
};
Character characterOf(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    std::uint32_t code = lead & (0xFFu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0) != 0x80) return {};
        code = code << 6 | (next & 0x3Fu);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < least[size] || surrogate || code > 0x10FFFF ? Character{} : Character{code, size};
}

std::string escaped(const char* format, unsigned value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string shown(std::string_view text, bool keepsLines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character next = characterOf(text);
        if (next.size == 0) out += escaped("\\x%02x", static_cast<unsigned char>(text[0]));
        else if (!isHidden(next.code) || (keepsLines && next.code == '\n')) out += text.substr(0, next.size);
        else out += escaped(next.code < 0x80 ? "\\x%02x" : "\\u%04x", next.code);
        text.remove_prefix(std::max<std::size_t>(next.size, 1));
    }
    return out;
}

} // namespace

std::string shownText(std::string_view text) { return shown(text, false); }
std::string shownLines(std::string_view text) { return shown(text, true); }

} // namespace gatehouse
