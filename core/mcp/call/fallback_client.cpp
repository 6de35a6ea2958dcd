#include "mcp/call/fallback_client.hpp"

#include <stdexcept>

namespace gatehouse::mcp {

namespace {

class LentClient final : public Client {
public:
    explicit LentClient(Client& client) : client_(client) {}
    CallOutcome call(const CallRequest& request, CallContext& context) override {
        return client_.call(request, context);
    }

private:
    Client& client_;
};

} // namespace

FallbackClient::FallbackClient(ClientFactory& backend, const Identity& identity, std::string_view token) {
    try {
        client_ = backend.createClient(identity, Credentials{token});
    } catch (const CallError& error) {
        throw std::runtime_error("auth.fallback: " + error.message);
    }
    if (!client_) throw std::runtime_error("auth.fallback: the backend made no client");
}

std::unique_ptr<Client> FallbackClient::createClient(const Identity& /*identity*/, const Credentials& /*credentials*/) {
    return std::make_unique<LentClient>(*client_);
}

} // namespace gatehouse::mcp
