// Percent-encoding of URIs and the characters they are made of.
//
// Source: RFC 3986 sections 2.1 to 2.3. Only what such a URI may hold is read: no bytes beyond ASCII, no white space,
// no
// '+' for a blank. Callers bound the text. Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

bool isUnreserved(char c); // letters, digits, - . _ ~
bool isReserved(char c);   // : / ? # [ ] @ ! $ & ' ( ) * + , ; =

// True when `text` begins with '%' and two hexadecimal digits (either case).
bool startsWithTriplet(std::string_view text);
// The byte of the triplet that `text` starts with.
char tripletByte(std::string_view text);

// Everything but unreserved characters as %XX, digits in capitals.
std::string percentEncoded(std::string_view bytes);
// Reserved characters and triplets stay as they are too (RFC 6570 section 3.2.1, U+R).
std::string percentEncodedButReserved(std::string_view bytes);

// The bytes meant; nothing when a '%' begins no triplet. May hold NUL and what is not UTF-8.
std::optional<std::string> percentDecoded(std::string_view text);

} // namespace gatehouse
