// What may reach a log: no credential, no control character, nothing invisible.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

// Replaces what looks like a credential (the word after "Bearer", a compact JWS, a 43- or 44-character base64url
// token) by "<token>", and writes out what could steer a terminal (shown_text.hpp), so that one message stays one line.
std::string redacted(std::string_view text);

} // namespace gatehouse
