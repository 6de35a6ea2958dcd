// KeySet: a JWK Set (RFC 7517 section 5), or keys from elsewhere.
//
// Unusable keys are skipped and reported; the rest is used. Keys may share a kid (RFC 7517 section 4.5): a token's
// algorithm chooses among them, and where several are left, each is tried. Threads: any; a set does not change.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gatehouse/host.hpp>
#include <gatehouse/jose/key.hpp>

namespace gatehouse::jose {

class KeySet {
public:
    static constexpr std::size_t maxKeys = 100; // of one document

    // A set that is published holds no secrets: symmetric and private keys in it are left out. A set of our own is
    // refused when it mixes symmetric keys with others.
    enum class Origin { published, own };
    // Text of a JWK Set or of one JWK. A fault when it is neither, or more than maxKeys.
    static std::variant<KeySet, KeyFault> fromJson(std::string_view text, Origin origin);
    // What a key file holds: a JWK, a JWK Set or PEM.
    static std::variant<KeySet, KeyFault> fromFileText(std::string_view text);
    static KeySet of(std::vector<Key> keys);
    // What a JWK Set URL answered: a published set with at least one key in it, or why there is none.
    static std::variant<KeySet, KeyFault> fromFetched(const FetchResult& fetched);

    const std::vector<Key>& keys() const { return keys_; }
    const std::vector<std::string>& leftOut() const { return leftOut_; } // "key 3 (kid \"x\"): why"
    bool has(std::string_view id) const; // a key that a token with this kid may be meant for
    // The keys that a token with this kid (empty: none) and algorithm may be signed with.
    std::vector<const Key*> candidates(std::string_view id, Algorithm algorithm) const;

private:
    std::vector<Key> keys_;
    std::vector<std::string> leftOut_;
};

} // namespace gatehouse::jose
