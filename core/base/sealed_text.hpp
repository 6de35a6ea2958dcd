// Sealer: encrypted, authenticated, expiring text that a client carries and gives back.
//
// For MCP requestState, list cursors and cookies: the server keeps no state, and the client can neither read the text
// nor change it, nor use it for another purpose, caller or request than it was made for.
//
// Form: "v1." + base64url without padding of (nonce, 12 bytes | ciphertext | tag, 16 bytes). The ciphertext is
// AES-256-GCM (NIST SP 800-38D, random nonce) of the expiry (8 bytes, big-endian, milliseconds since 1970) and the
// text; `bound` is the additional authenticated data. The key is HKDF-SHA256 (RFC 5869) of a secret, without salt, with
// the info "gatehouse sealed text v1 " + purpose. Change the mark when any of this changes.
//
// A sealed text can be replayed until it expires; single use needs a record of what was used.
// Threads: const methods from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"

namespace gatehouse {

class Sealer {
public:
    static constexpr std::size_t minSecret = 32;       // bytes of a secret: less throws
    static constexpr std::size_t maxSecrets = 8;       // a text is tried with each: more throws
    static constexpr std::size_t maxSealed = 64 << 10; // bytes of sealed text: more throws when sealing, is malformed
    static constexpr std::size_t maxPlain = maxSealed / 4 * 3 - 64; // bytes of text that always fit
    static constexpr std::size_t maxBound = 64 << 10; // bytes of `bound`: more throws when sealing, is forged

    // The first secret seals, all open: to rotate, put the new one in front and drop the old one when its texts have
    // expired. Rotate before 2^32 texts of one purpose are sealed (SP 800-38D 8.3; at 1,000 a second: seven weeks).
    // Without secrets a random key is made, known to this process alone. Throws std::invalid_argument, which names the
    // broken rule and never a secret; std::runtime_error when OpenSSL lacks the algorithms. Borrows the clock.
    Sealer(const std::vector<std::string>& secrets, std::string_view purpose, const Clock& clock);
    ~Sealer();
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    // `bound` is not part of the text: open() needs the same value. It names the caller and the purpose, encoded so
    // that different meanings give different values. `never` as expiry is allowed. Throws std::length_error over a
    // limit, std::runtime_error when there is no randomness.
    std::string seal(std::string_view plain, std::string_view bound, WallTime expiresAt) const;

    enum class Refusal {
        malformed, // not the form above
        forged,    // changed, or sealed by another secret, for another purpose or for another `bound`
        expired    // genuine, but its time has come (at the very millisecond)
    };
    // The reason is for the log: clients get one answer for all three.
    std::variant<std::string, Refusal> open(std::string_view sealed, std::string_view bound) const;

private:
    class Keys;

    const Clock& clock_;
    std::unique_ptr<const Keys> keys_;
};

} // namespace gatehouse
