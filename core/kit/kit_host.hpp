// KitHost: what a validator under check sees of a server, and what the kit hears of it.
//
// Threads: any.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fetch/fetcher.hpp"
#include "kit/opaque_cases.hpp"
#include "plugin/host_services.hpp"

namespace gatehouse::kit {

class KitHost {
public:
    explicit KitHost(std::string audience);
    KitHost(const KitHost&) = delete;
    KitHost& operator=(const KitHost&) = delete;

    HostDeps& deps() { return deps_; }
    TokenTable tokens; // the store; filled before a validator is made

    // What was logged since the last time, a text.
    std::string drainLog();
    // From now on requests of this thread are noted: it plays the event loop.
    void watchThisThread() { watched_ = std::this_thread::get_id(); }
    int fetchedByWatched() const { return fetchedByWatched_; }

private:
    void keep(std::string_view line);
    TokenLookup find(const Sha256& digest) const;
    FetchResult fetch(const FetchRequest& request);

    SystemClock clock_;
    Fetcher fetcher_;
    std::mutex mutex_; // guards log_
    std::string log_;
    std::atomic<std::thread::id> watched_{};
    std::atomic<int> fetchedByWatched_{0};
    HostDeps deps_;
};

} // namespace gatehouse::kit
