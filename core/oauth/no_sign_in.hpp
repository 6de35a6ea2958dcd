// NoSignIn: what stands where clients look for a sign-in on a server that has none. They show the words of the answer
// to their user, so it says what to do instead of "not found".
// Source of the form: RFC 6749 section 5.2, which RFC 7591 section 3.2.2 shares.
// Threads: one (the loop's).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace gatehouse::oauth {

class NoSignIn final : public http::Handler {
public:
    // `credential`: the header that callers have to send; empty: none is needed.
    explicit NoSignIn(std::string_view credential);
    http::HeadAnswer onHead(http::Exchange& exchange) override;
    void onRequest(http::Exchange&) override {} // answered at its head

    // Where clients look; `prefix` is the path of the public URL, without a slash at its end.
    static std::set<std::string> paths(const std::string& prefix);

private:
    std::string body_;
};

} // namespace gatehouse::oauth
