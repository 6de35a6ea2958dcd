// KeySet: a JWK Set (RFC 7517 section 5), or keys from elsewhere.
//
// One odd key does not spoil a set: what cannot be used is left out and named. Keys that share a kid are all left out,
// because nobody can tell which is meant. Threads: any; a set does not change.
#pragma once

#include <map>
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
    void leaveOutTwins(const std::map<std::string, int>& count);
    std::vector<Key> keys_;
    std::vector<std::string> leftOut_;
};

} // namespace gatehouse::jose
