// Random bytes from the system's source (getrandom through OpenSSL), as text.
// Threads: any. Throws std::runtime_error when the source fails: no id is better than a guessable one.
#pragma once

#include <cstddef>
#include <string>

namespace gatehouse {

std::string randomBytes(std::size_t count);
// RFC 4648 section 5. 32 bytes give 44 characters with padding, 43 without.
std::string randomBase64Url(std::size_t bytes, bool padded);

} // namespace gatehouse
