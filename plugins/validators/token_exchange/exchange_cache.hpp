// Exchanged tokens, kept for the caller's token and an audience, never past either's end.
// Threads: any.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <gatehouse/host.hpp>

namespace token_exchange {

class ExchangeCache {
public:
    explicit ExchangeCache(std::size_t most) : most_(most) {}
    using Key = std::pair<gatehouse::Sha256, std::string>; // of the caller's token; the audience

    std::optional<std::string> find(const Key& key, gatehouse::WallTime now);
    // At the limit the oldest goes.
    void keep(const Key& key, std::string credential, gatehouse::WallTime until);
    void clear();

private:
    struct Entry {
        std::string credential;
        gatehouse::WallTime until;
        std::list<Key>::iterator place;
    };
    void erase(std::map<Key, Entry>::iterator entry);

    const std::size_t most_;
    std::mutex mutex_; // guards the members below
    std::map<Key, Entry> entries_;
    std::list<Key> byAge_; // front: the oldest
};

} // namespace token_exchange
