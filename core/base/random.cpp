#include "base/random.hpp"

#include <stdexcept>

#include <openssl/rand.h>
#include <gatehouse/base64.hpp>

namespace gatehouse {

std::string randomBytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw std::runtime_error("the system gives no random bytes");
    return bytes;
}

std::string randomBase64Url(std::size_t count, bool padded) {
    std::string text = base64Url(randomBytes(count));
    if (padded) text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

} // namespace gatehouse
