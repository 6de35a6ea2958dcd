// TokenAdmin: the token API of a server: who may use it, what it does, and where it is reached.
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/page_routes.hpp"
#include "admin/token_api.hpp"
#include "admin/token_routes.hpp"
#include "auth/gate.hpp"
#include "config/config.hpp"
#include "http/router.hpp"

namespace gatehouse {

// Outlive it.
struct TokenAdminDeps {
    const Config& config;
    TokenStore& store;
    const TokenUsage& usage;
    const TokenRefusals& refusals;
    CallLimits& limits; // asked on the loop
    LimitLedger& ledger;
    const Clock& clock;
    Log& log;
    Telemetry& telemetry;
    EventLoop& loop;
    Executor& workers;
};

class PageSignIn;

class TokenAdmin {
public:
    // `options`: Host, Origin and proxies, as of every route.
    TokenAdmin(const TokenAdminDeps& deps, const Policy& policy, const GatedOptions& options);

    ~TokenAdmin();
    void addTo(http::Router& router, const std::string& prefix);
    void tokensGone(const std::vector<std::string>& ids) { authenticator_.tokensGone(ids); }
    void expire() { authenticator_.expire(); }

private:
    LimitState limitOf(const TokenEntry& entry) const;

    const TokenAdminDeps deps_;
    admin::PageSessions sessions_;
    admin::StoreValidator validator_;
    Authenticator authenticator_;
    Authorizer authorizer_;
    Gate gate_;
    Budget requests_;
    const admin::TokenApi api_;
    const WorkerHandlerDeps handlerDeps_;
    const GatedOptions options_;
    admin::TokenRoutes routes_;
    admin::PageRoutes page_;
    std::unique_ptr<PageSignIn> signIn_; // null: by one-time link alone
};

} // namespace gatehouse
