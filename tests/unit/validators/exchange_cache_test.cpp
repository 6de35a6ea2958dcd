#include "validators/token_exchange/exchange_cache.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace std::chrono_literals;
using token_exchange::ExchangeCache;

TEST_CASE("G02: at the limit the oldest leaves, and what is replaced counts once") {
    ExchangeCache cache(2);
    const WallTime now{1h};
    const auto key = [](std::uint8_t byte) { return ExchangeCache::Key{Sha256{byte}, "a"}; };
    cache.keep(key(1), "one", now + 1s);
    cache.keep(key(2), "two", now + 1s);
    cache.keep(key(1), "again", now + 1s);
    CHECK(cache.find(key(1), now) == "again");
    CHECK(cache.find(key(2), now) == "two");
    cache.keep(key(3), "three", now + 1s);
    CHECK_FALSE(cache.find(key(2), now).has_value());
    CHECK(cache.find(key(1), now) == "again");
    CHECK(cache.find(key(3), now) == "three");
    CHECK_FALSE(cache.find(key(3), now + 1s).has_value());
    CHECK_FALSE(cache.find(key(3), now).has_value()); // it is gone for good
    cache.clear();
    CHECK_FALSE(cache.find(key(1), now).has_value());
}
