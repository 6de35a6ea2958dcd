// KitProvider: an authorization server on a free port of 127.0.0.1, as well or as badly as a check wants it.
//
// It serves discovery, a key set, introspection (RFC 7662), token exchange (RFC 8693), and a trap: a URL that only
// tokens name, which must never be fetched.
// Threads: any; a thread of its own answers.
#pragma once

#include <memory>
#include <string>

#include "base/log.hpp"

namespace gatehouse::kit {

enum class Health {
    well,
    failing, // HTTP 500
    garbage, // HTTP 200 with a page
    gone,    // closes every connection without an answer
};
const char* wordsFor(Health health); // "answers with HTTP 500"

class KitProvider {
public:
    explicit KitProvider(Log& log); // for what goes wrong in the engine
    ~KitProvider();
    KitProvider(const KitProvider&) = delete;
    KitProvider& operator=(const KitProvider&) = delete;

    const std::string& url() const { return url_; } // the issuer
    std::string keysUrl() const { return url_ + "/jwks"; }
    std::string introspectionUrl() const { return url_ + "/introspect"; }
    std::string tokenUrl() const { return url_ + "/token"; }
    std::string trapUrl() const { return url_ + "/trap"; }

    void setHealth(Health health);
    void publish(std::string keySet);
    void setTrap(std::string keySet);
    // What introspection says of a token; of others it says that they are not active.
    void know(const std::string& token, std::string answer);
    // What a token is exchanged for; empty: the exchange is refused ("invalid_target", RFC 8693 section 2.2.2).
    void giveInExchange(std::string token);

    int asked() const;   // requests for anything but the trap
    int trapped() const; // requests for the trap

private:
    class Desk;
    std::unique_ptr<Desk> desk_;
    std::string url_;
};

} // namespace gatehouse::kit
