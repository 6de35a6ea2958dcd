// PageRoutes: the page at /, its files, and signing in and out.
//
//     GET    /                     the page; without a session it shows how to sign in, and no data
//     GET    /admin/assets/{name}  its files
//     GET    /api/v2/openapi.json  the description of the token API
//     POST   /admin/session        with the credential of a one-time link: opens a session, by cookie
//     DELETE /admin/session        ends it, here and in the browser
//
// Threads: as WorkerHandler.
#pragma once

#include <memory>
#include <string>

#include "admin/page_sessions.hpp"
#include "handler/worker_handler.hpp"
#include "http/router.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse::admin {

// Outlive it.
struct PageDeps {
    TokenStore& store;
    PageSessions& sessions;
    Gate& gate;
    const WorkerHandlerDeps& workers;
    const GatedOptions& options;
    std::string prefix;              // the path of the public URL, or none
    bool isSecure;                   // browsers reach it by https
    std::string mcpUrl;              // that clients are given
    std::vector<std::string> scopes; // that can be granted
    std::string signInAt;            // the host of the provider that one may sign in at; empty: none
};

class PageRoutes {
public:
    explicit PageRoutes(const PageDeps& deps);
    ~PageRoutes();
    void addTo(http::Router& router, const std::string& prefix);

private:
    class Page;
    class Assets;
    class Session;
    const std::unique_ptr<Page> page_;
    const std::unique_ptr<Assets> assets_;
    const std::unique_ptr<Session> session_;
};

// The cookie of a session; a name that browsers bind to https and this host where they can (RFC 6265bis 4.1.3.2).
std::string cookieName(bool isSecure);

} // namespace gatehouse::admin
