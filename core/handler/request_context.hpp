// RequestContext: what holds for a request from its head to its end. Made once; everything that works on the request
// refers to it.
//
// Threads: any; it does not change once its message is dispatched.
#pragma once

#include <memory>
#include <string>

#include "auth/authorizer.hpp"
#include "base/clock.hpp"
#include "base/secret_text.hpp"

namespace gatehouse {

struct RequestContext {
    CallerPtr caller;         // null: refused before there was one
    GrantsPtr grants;         // what the caller may do here; null: refused before that was known
    std::string peer;         // the client's address, or the name of its channel
    SteadyTime began{};       // when its head was there
    Sha256 refusedToken = {}; // of a token that let nobody in; zero: none
    SecretPtr token;          // the caller's, when it is exchanged for the backend's; null: it is not
};

using RequestPtr = std::shared_ptr<const RequestContext>;

} // namespace gatehouse
