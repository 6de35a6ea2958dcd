// InProcessHost: the host of one part that was compiled in, over the same services as a plugin's.
//
// Threads: every method from any, but validator(): only while the part is made.
#pragma once

#include <string>
#include <utility>

#include <gatehouse/host.hpp>

#include "plugin/host_services.hpp"

namespace gatehouse {

class InProcessHost final : public Host {
public:
    // `deps` outlives the host. `name`: of the part, before each of its lines in the log.
    InProcessHost(HostDeps& deps, const std::string& name) : deps_(deps), prefix_("[" + name + "] ") {}

    void log(LogLevel level, std::string_view message) const override {
        deps_.log(level, prefix_ + std::string(message));
    }
    WallTime now() const override { return deps_.clock.wall(); }
    TokenLookup findToken(const Sha256& digest) const override { return deps_.findToken(digest); }
    void dropVerdicts(std::string_view isolationKey) const override { deps_.dropVerdicts(isolationKey); }
    void notify(Change change, std::string_view uri) const override { deps_.notify(change, uri); }
    FetchResult fetch(const FetchRequest& request) const override { return deps_.fetch(request); }
    TokenValidator& validator(std::string_view name) const override { return deps_.validator(name); }
    std::string resourceUrl() const override { return deps_.resourceUrl; }

private:
    HostDeps& deps_;
    const std::string prefix_;
};

} // namespace gatehouse
