// UTF-8 continuation bytes (RFC 3629 section 3).
#pragma once

namespace gatehouse::sql {

constexpr bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

} // namespace gatehouse::sql
