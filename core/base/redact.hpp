// What may reach a log: no credential, no control character, nothing invisible.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

// Replaces what looks like a credential by "<token>": the word after "Bearer", a compact JWS, a 43- or 44-character
// base64url token, and what ends in '_' and 40 letters and digits, as our own tokens do.
std::string withoutTokens(std::string_view text);

// The same, and writes out what could steer a terminal (shown_text.hpp), so that one message stays one line.
std::string redacted(std::string_view text);

} // namespace gatehouse
