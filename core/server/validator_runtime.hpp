// ValidatorRuntime: the token store, the outgoing requests and the validators that the settings name: what it takes to
// judge a token, with or without a server around it.
//
// Threads: built and taken down on one; what it offers to plugins may be called from any.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gatehouse/server/server_parts.hpp>

#include "base/telemetry.hpp"
#include "config/config.hpp"
#include "fetch/fetcher.hpp"
#include "plugin/host_services.hpp"
#include "plugin/in_process_host.hpp"
#include "plugin/library.hpp"
#include "plugin/plugin_folder.hpp"
#include "server/validator_registry.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

class ValidatorRuntime {
public:
    // What plugins tell the server; called from any thread.
    struct Events {
        std::function<void(std::string_view isolationKey)> dropVerdicts;
        std::function<void(Change, std::string_view uri)> notify;
    };
    struct Origin {
        std::filesystem::path executableFolder;
        std::string program;                // as typed, for advice in messages
        const ServerParts* parts = nullptr; // that were compiled in; null: none
    };
    // What it is made for: to serve, or to find out whether it could. A trial asks no provider and writes nothing.
    enum class Purpose { serve, trial };
    ValidatorRuntime(const Config& config, Origin origin, const Clock& clock, Log& log, Telemetry& telemetry,
                     Events events, Purpose purpose = Purpose::serve);

    // Makes the validators. What the settings lack is told; validator() is null then.
    void open(SettingFaults& faults);
    // Reads the token file, when there is one. Without a fault so far it is loaded (with `write`, what has expired is
    // removed from it; with `read` no file is written or locked), else it is only looked at.
    void openTokens(SettingFaults& faults, TokenStore::Access access = TokenStore::Access::write);
    Library openLibrary(PluginKind kind, const std::string& name);
    // The backend that the settings name: compiled in, or a plugin. Null when it could not be made, which is told.
    std::unique_ptr<Backend> makeBackend(SettingFaults& faults);
    // Makes the object of a plugin by `make`; null when its settings, which stand under `key`, are refused: all that is
    // wrong with them is told. Throws what else `make` throws.
    template <class Object>
    std::unique_ptr<Object> made(const std::string& key, const Json& settings, SettingFaults& faults,
                                 const std::function<std::unique_ptr<Object>(const Json&)>& make) {
        std::unique_ptr<Object> object;
        const bool taken = isTaken(key, settings, faults, [&](const Json& values) {
            object.reset();
            object = make(values);
        });
        return taken ? std::move(object) : nullptr;
    }
    // Tells of entries of auth.validators that name no validator, and of pins of files that are not there. The answer:
    // pins that protect nothing, in words. After every library has been opened.
    std::vector<std::string> unusedSettings(SettingFaults& faults) const;
    // Members of a chain behind which none is ever asked, in words.
    std::vector<std::string> shadowingMembers();

    TokenStore* tokens() const { return tokens_.get(); }
    TokenValidator* validator() const { return validator_; } // null before open(), and when it could not be made
    HostDeps& hostDeps() { return hostDeps_; }
    const Origin& origin() const { return origin_; }

private:
    template <class Part>
    std::unique_ptr<Part> makeOwn(const PartFactory<Part>& factory, const std::string& name, const std::string& key,
                                  const Json& settings, SettingFaults& faults);
    bool isTaken(const std::string& key, const Json& settings, SettingFaults& faults,
                 const std::function<void(const Json&)>& make);
    std::unique_ptr<TokenValidator> makeValidator(const std::string& name, const std::string& plugin,
                                                  const Json& settings);
    bool hasTokenStore() const;
    void tellEmptyStore() const;
    void reportMissingTokenFile(SettingFaults& faults) const;
    TokenValidator& otherValidator(std::string_view name);
    FetchResult fetch(const FetchRequest& request);
    bool ownsEveryToken(const std::string& name);

    const Config& config_;
    const Origin origin_;
    const Purpose purpose_;
    std::atomic<bool> asksNobody_;           // requests of plugins are refused
    std::atomic<std::thread::id> probing_{}; // those of this thread
    SettingFaults* telling_ = nullptr;       // during open()
    const Clock& clock_;
    Log& log_;
    Telemetry& telemetry_;
    std::unique_ptr<TokenStore> tokens_; // null: there is none
    Fetcher fetcher_;
    HostDeps hostDeps_;
    std::set<std::string> opened_;       // file names of libraries
    std::deque<InProcessHost> ownHosts_; // of parts that were compiled in
    std::optional<ValidatorRegistry> validators_;
    TokenValidator* validator_ = nullptr;
};

} // namespace gatehouse
