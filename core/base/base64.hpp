// base64 both ways, read strictly: each byte string has exactly one spelling, so no text passes that we would not
// write.
//
// RFC 4648: section 4 (alphabet with + and /, always padded) and section 5 (alphabet with - and _, never padded). White
// space, foreign letters, missing or extra padding and bits left over that are not zero are refused.
// The result is 4/3 or 3/4 as long as the text; callers bound the text. Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

std::string base64(std::string_view bytes);
std::string base64Url(std::string_view bytes);

// Nothing when the text is not what the function above writes.
std::optional<std::string> fromBase64(std::string_view text);
std::optional<std::string> fromBase64Url(std::string_view text);

} // namespace gatehouse
