// InProcessHost: the host of one part that was compiled in, over the same services as a plugin's.
//
// Threads: every method from any.
#pragma once

#include <string>
#include <utility>

#include <gatehouse/host.hpp>

#include "plugin/host_services.hpp"

namespace gatehouse {

class InProcessHost final : public Host {
public:
    // `port` outlives the host. `name`: of the part, before each of its lines in the log.
    InProcessHost(HostPort& port, const std::string& name) : port_(port), prefix_("[" + name + "] ") {}

    void log(LogLevel level, std::string_view message) const override {
        port_.log(level, prefix_ + std::string(message));
    }
    WallTime now() const override { return port_.clock.wall(); }
    TokenLookup findToken(const Sha256& digest) const override { return port_.findToken(digest); }
    void dropVerdicts(std::string_view isolationKey) const override { port_.dropVerdicts(isolationKey); }
    void notify(Change change, std::string_view uri) const override { port_.notify(change, uri); }
    FetchResult fetch(const FetchRequest& request) const override { return port_.fetch(request); }
    TokenValidator& validator(std::string_view name) const override { return port_.validator(name); }
    std::string resourceUrl() const override { return port_.resourceUrl; }

private:
    HostPort& port_;
    const std::string prefix_;
};

} // namespace gatehouse
