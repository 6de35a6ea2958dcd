// How this client authenticates at the endpoints of an authorization server: with a secret (RFC 6749 section 2.3.1) or
// with an assertion that its key signs (private_key_jwt, RFC 7523 section 2.2).
//
// Settings: client_id, and client_secret or private_key_file (PEM; RSA signs RS256, P-256 signs ES256) with key_id, the
// kid under which the server knows the key, if it asks for one. Threads: any.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/form.hpp>
#include <gatehouse/settings.hpp>

namespace gatehouse::jose {

class ClientCredentials {
public:
    explicit ClientCredentials(const Settings& settings); // throws SettingsError
    ~ClientCredentials();
    ClientCredentials(ClientCredentials&&) noexcept;

    // A POST of the form with the credentials in it, to be answered in JSON. Throws std::runtime_error when nothing
    // can be signed.
    FetchRequest request(const std::string& url, Form form, WallTime now) const;

private:
    struct SigningKey;
    std::string assertion(const std::string& audience, WallTime now) const;

    std::string id_;
    std::string secret_;
    std::string keyId_; // may be empty
    std::unique_ptr<const SigningKey> key_;
};

} // namespace gatehouse::jose
