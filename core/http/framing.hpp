// The framing check: refuses every head that two parsers could frame or route in two ways.
//
// RFC 9112 sections 3.2 (Host), 6.1 (Transfer-Encoding), 6.2 (Content-Length), 6.3 (message length); RFC 9110 10.1.1
// (Expect). Stricter than the RFC where it allows a choice: one Content-Length only, "chunked" alone, no encoding on
// HTTP/1.0.
#pragma once

#include <string_view>

#include "http/head.hpp"
#include "http/message_parser.hpp"

namespace gatehouse::http {

// Judges a head that the parser has read, and fills in what follows from it (path, query, lengths, keep-alive).
Refusal checkFraming(std::string_view bytes, RequestHead& head);

} // namespace gatehouse::http
