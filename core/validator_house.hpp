// ValidatorHouse: the token store, the outgoing requests and the validators that the settings name: what it takes to
// judge a token, with or without a server around it.
//
// Threads: built and taken down on one; what it offers to plugins may be called from any.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/observer.hpp"
#include "config/config.hpp"
#include "fetch/fetcher.hpp"
#include "plugin/host_services.hpp"
#include "plugin/library.hpp"
#include "plugin/plugin_folder.hpp"
#include "tokens/token_store.hpp"
#include "validator_set.hpp"

namespace gatehouse {

class ValidatorHouse {
public:
    // What plugins tell the server; called from any thread.
    struct Events {
        std::function<void(std::string_view isolationKey)> dropVerdicts;
        std::function<void(Change, std::string_view uri)> notify;
    };
    struct Place {
        std::filesystem::path executableFolder;
        std::string program; // as typed, for advice in messages
    };
    ValidatorHouse(const Config& config, Place place, const Clock& clock, Log& log, Observer& observer, Events events);

    // Opens the token store, when there is one, and makes the validators. With `read` no file is written or locked.
    // Throws StartRefused, PluginRefused, SettingsError, TokenFileError.
    void open(TokenStore::Access access = TokenStore::Access::write);
    Library openLibrary(PluginKind kind, const std::string& name);
    // Throws StartRefused for entries of auth.validators that name no validator, and for pins of files that are not
    // there. The answer: pins that protect nothing, in words. After every library has been opened.
    std::vector<std::string> unusedSettings() const;

    TokenStore* tokens() { return tokens_ ? &*tokens_ : nullptr; }
    TokenValidator* validator() { return validator_; } // null before open()
    HostPort& hostPort() { return hostPort_; }

private:
    void openTokenStore(TokenStore::Access access);
    [[noreturn]] void refuseWithoutTokenFile() const;

    const Config& config_;
    const Place place_;
    const Clock& clock_;
    Log& log_;
    Observer& observer_;
    std::optional<TokenStore> tokens_;
    Fetcher fetcher_;
    HostPort hostPort_;
    std::set<std::string> opened_; // file names of libraries
    std::optional<ValidatorSet> validators_;
    TokenValidator* validator_ = nullptr;
};

} // namespace gatehouse
