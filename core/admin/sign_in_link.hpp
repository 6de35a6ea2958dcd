// One-time links to sign in to the page: made on the host, good for one sign-in within ten minutes.
//
// The credential stands behind '#', which browsers do not send: no log and no proxy sees it. The page posts it.
// Threads: any.
#pragma once

#include <chrono>
#include <string>

#include "tokens/token_store.hpp"

namespace gatehouse::admin {

inline constexpr std::chrono::minutes signInTime{10};

struct SignInWish {
    std::string baseUrl; // of the page, without '/' at its end
    std::string prefix;  // of tokens
    std::string owner;   // whose tokens are seen; empty: all
};
// Throws what TokenStore::add throws.
std::string signInLink(TokenStore& store, const SignInWish& wish, WallTime now);

} // namespace gatehouse::admin
