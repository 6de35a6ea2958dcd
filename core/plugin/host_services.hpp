// HostServices: one plugin's host table (abi.h), backed by the server.
//
// Threads: the table's functions may be called from any thread.
#pragma once

#include <functional>
#include <string>

#include <gatehouse/abi.h>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace gatehouse {

// What plugins may ask of the server. Outlives every plugin.
struct HostPort {
    const Clock& clock;
    Log& log;
    std::function<TokenLookup(const Sha256&)> findToken;
    std::function<void(std::string_view isolationKey)> dropVerdicts;
    std::function<void(Change, std::string_view uri)> notify; // any thread
};

class HostServices {
public:
    HostServices(HostPort& port, std::string pluginName);
    HostServices(const HostServices&) = delete;
    HostServices& operator=(const HostServices&) = delete;
    const gatehouse_host* table() const { return &table_; }

private:
    friend struct HostTable;
    HostPort& port_;
    const std::string plugin_;
    gatehouse_host table_{};
};

} // namespace gatehouse
