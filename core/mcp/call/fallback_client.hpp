// FallbackClient: one client, made at the start and lent to every request without a token; never closed per request.
//
// It works for many callers at once; an interrupt of one would be one of all, and is ignored.
// Threads: construct and destroy on one; lends on any.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/backend.hpp>

namespace gatehouse::mcp {

class FallbackClient final : public ClientFactory {
public:
    // Makes the client. Throws a std::exception when the backend refuses.
    FallbackClient(ClientFactory& backend, const Identity& identity, std::string_view token);
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override;

private:
    std::unique_ptr<Client> client_;
};

} // namespace gatehouse::mcp
