// HostServices: one plugin's host table (abi.h), backed by the server.
//
// Threads: the table's functions may be called from any thread.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <gatehouse/abi.h>
#include <gatehouse/token_validator.hpp>

#include "base/clock.hpp"
#include "plugin/plugin_call.hpp"

namespace gatehouse {

// What plugins may ask of the server. Outlives every plugin.
struct HostDeps {
    const Clock& clock;
    std::function<void(LogLevel, std::string_view line)> log; // any thread
    std::function<TokenLookup(const Sha256&)> findToken;
    std::function<void(std::string_view isolationKey)> dropVerdicts;
    std::function<void(Change, std::string_view uri)> notify; // any thread
    std::function<FetchResult(const FetchRequest&)> fetch;    // any thread; blocks
    // Another validator, by its name in the settings; throws what makes it impossible. While validators are made.
    std::function<TokenValidator&(std::string_view name)> validator;
    std::string resourceUrl;
};

class HostServices {
public:
    HostServices(HostDeps& deps, std::string pluginName);
    HostServices(const HostServices&) = delete;
    HostServices& operator=(const HostServices&) = delete;
    const gatehouse_host* table() const { return &table_; }
    const char* plugin() const { return plugin_.c_str(); } // its name
    // Logs what the plugin did wrong against abi.h, once for each function. [any thread]
    void reportFault(const char* function, const char* fault) const noexcept;
    // Calls a function of the plugin. What it throws, against abi.h, is reported and goes no further. [any thread]
    template <class Call>
    void guarded(const char* function, const Call& call) const noexcept {
        const PluginCall mark(plugin(), function);
        try {
            call();
        } catch (...) {
            reportFault(function, "an exception");
        }
    }

private:
    friend struct HostTable;
    struct LentValidator {
        TokenValidator& validator;
        gatehouse_other_validator table;
    };
    HostDeps& deps_;
    std::deque<LentValidator> lent_; // other validators that this plugin asks
    const std::string plugin_;
    gatehouse_host table_{};
    mutable std::mutex mutex_;                    // guards reported_
    mutable std::set<std::string_view> reported_; // functions, by their literals
};

} // namespace gatehouse
