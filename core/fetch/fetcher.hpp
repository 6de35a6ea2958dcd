// Fetcher: bounded HTTPS requests to others: key sets, discovery documents, introspection, token exchange.
//
// Bounded in time and in bytes; certificates are verified; no redirect is followed, and the fault says so. Answers may
// come compressed by gzip: the bound holds for the bytes after that, so that no small answer becomes a large one. http
// only to a loopback address. Proxies as the environment names them (HTTPS_PROXY, NO_PROXY), except that an
// untrusted URL always takes the proxy when there is one. Threads: any, at once. A fetch blocks its thread.
#pragma once

#include <memory>
#include <string>

#include <gatehouse/host.hpp>

namespace gatehouse {

struct FetchOptions {
    std::string caFile; // PEM of the authorities that are trusted; empty: the system's
    std::string userAgent = "gatehouse";
};

class Fetcher {
public:
    explicit Fetcher(FetchOptions options);
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    FetchResult fetch(const FetchRequest& request);

private:
    class Handles; // kept between fetches with their connections
    const FetchOptions options_;
    const std::unique_ptr<Handles> handles_;
};

} // namespace gatehouse
