// A byte within a character of UTF-8, not its first.
#pragma once

namespace gatehouse::sql {

constexpr bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

} // namespace gatehouse::sql
