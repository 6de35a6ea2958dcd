// SignInRoutes: signing in to the page at the OpenID provider of the settings.
//
//     GET /admin/sign-in    sends the browser there
//     GET /admin/callback   takes it back: opens a session, or says on the page why there is none
//
// Anybody may ask; nothing that a caller sends reaches the provider before its sealed cookie has opened.
// Threads: as WorkerHandler.
#pragma once

#include <memory>
#include <string>

#include "admin/oidc_sign_in.hpp"
#include "admin/page_sessions.hpp"
#include "handler/worker_handler.hpp"
#include "http/router.hpp"

namespace gatehouse::admin {

// Outlive it.
struct SignInRouteDeps {
    OidcSignIn& signIn;
    PageSessions& sessions;
    Gate& gate; // that lets everybody in
    const WorkerHandlerDeps& workers;
    const GatedOptions& options;
    std::string prefix; // the path of the public URL, or none
    bool isSecure;      // browsers reach it by https
};

class SignInRoutes {
public:
    explicit SignInRoutes(const SignInRouteDeps& deps);
    ~SignInRoutes();
    void addTo(http::Router& router, const std::string& prefix);

private:
    class Begin;
    class Callback;
    const std::unique_ptr<Begin> begin_;
    const std::unique_ptr<Callback> callback_;
};

} // namespace gatehouse::admin
