// TokenRoutes: the token API over HTTP: /api/v2/tokens and what lies below it.
//
// MCP tokens are 403 here, but for `validate` and `self`. Errors are problem documents with a `code`.
// Threads: as WorkerHandler.
#pragma once

#include <deque>
#include <string>

#include "admin/token_api.hpp"
#include "handler/worker_handler.hpp"
#include "http/router.hpp"

namespace gatehouse::admin {

class TokenRoutes {
public:
    // All outlive it.
    TokenRoutes(const TokenApi& api, Gate& gate, const WorkerHandlerDeps& deps, const GatedOptions& options);
    ~TokenRoutes();
    // `prefix`: the path of the public URL, or none.
    void addTo(http::Router& router, const std::string& prefix);

private:
    class Endpoint;
    std::deque<Endpoint> endpoints_;
};

} // namespace gatehouse::admin
