// Text from outside (files, plugins, tokens, clients) as a terminal or a log may show it.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

// What could steer a terminal or hide in a line is written out: control characters as \x1b, those of Unicode (U+0080 to
// U+009F), direction marks and invisible format characters as \u202e, bytes that are no UTF-8 as \xff.
std::string shownText(std::string_view text);

// The same, but line ends stay: for messages of several lines.
std::string shownLines(std::string_view text);

} // namespace gatehouse
