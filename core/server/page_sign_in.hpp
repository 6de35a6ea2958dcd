// PageSignIn: signing in to the page at the provider of admin.sign_in: the parts that it takes, and their routes.
// Threads: one (the loop's).
#pragma once

#include <string>

#include "admin/sign_in_routes.hpp"
#include "auth/gate.hpp"
#include "config/config.hpp"
#include "fetch/fetcher.hpp"

namespace gatehouse {

admin::SignInOptions signInOptionsOf(const Config& config);

class PageSignIn {
public:
    // All outlive it.
    PageSignIn(const Config& config, admin::PageSessions& sessions, const WorkerHandlerDeps& workers,
               const GatedOptions& options);
    void addTo(http::Router& router, const std::string& prefix) { routes_.addTo(router, prefix); }

private:
    Fetcher fetcher_;
    Authenticator everybody_; // nobody is asked for a credential
    Authorizer authorizer_;
    Gate gate_;
    admin::OidcSignIn signIn_;
    admin::SignInRoutes routes_;
};

} // namespace gatehouse
