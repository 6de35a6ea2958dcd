#include "exchange_cache.hpp"

namespace token_exchange {

std::optional<std::string> ExchangeCache::find(const Key& key, gatehouse::WallTime now) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    if (found->second.until > now) return found->second.credential;
    erase(found);
    return std::nullopt;
}

void ExchangeCache::keep(const Key& key, std::string credential, gatehouse::WallTime until) {
    const std::lock_guard lock(mutex_);
    if (const auto old = entries_.find(key); old != entries_.end()) erase(old);
    while (entries_.size() >= most_) erase(entries_.find(byAge_.front()));
    const auto place = byAge_.insert(byAge_.end(), key);
    entries_.emplace(key, Entry{std::move(credential), until, place});
}

void ExchangeCache::clear() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
    byAge_.clear();
}

void ExchangeCache::erase(std::map<Key, Entry>::iterator entry) {
    byAge_.erase(entry->second.place);
    entries_.erase(entry);
}

} // namespace token_exchange
