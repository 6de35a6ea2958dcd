// Config: every setting of the server, with its default. Read once, then const.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>

#include "base/log.hpp"
#include "config/setting_faults.hpp"

namespace gatehouse {

struct LimitSettings {
    std::int64_t headBytes = 16 << 10;
    std::int64_t bodyBytes = 4 << 20;
    std::int64_t outputBytes = 1 << 20;
    std::int64_t connections = 20'000;
    std::int64_t handshakes = 512;
    std::int64_t handshakesPerAddress = 128;
    std::int64_t workers = 128;
    std::int64_t replacedWorkers = 32;
    // What one identity may hold, and all together. docs/limits.md has every one.
    std::int64_t bodyBudgetBytes = 256 << 20;
    std::int64_t bodyBudgetBytesPerIdentity = 32 << 20;
    std::int64_t unreadBytes = 256 << 20;
    std::int64_t unreadBytesPerIdentity = 32 << 20;
    std::int64_t callsPerIdentity = 32;
    std::int64_t openCalls = 10'000;
    std::int64_t openCallsPerIdentity = 1'000;
    std::int64_t sessions = 10'000;
    std::int64_t sessionsPerIdentity = 2'500;
    std::int64_t streams = 20'000;
    std::int64_t streamsPerIdentity = 5'000;
    std::int64_t keptEventBytes = 128 << 20;
    std::int64_t keptEventBytesPerIdentity = 16 << 20;
    std::int64_t subscriptionBytes = 64 << 20;
    std::int64_t subscriptionBytesPerIdentity = 4 << 20;
    std::int64_t taskResultBytes = 128 << 20;
    std::int64_t taskResultBytesPerIdentity = 16 << 20;
    double handshakeSeconds = 3;
    double headSeconds = 10;
    double bodySeconds = 30;
    double unauthenticatedBodySeconds = 5;
    double idleSeconds = 60;
    double writeSeconds = 60;
    double drainSeconds = 30;
    double callSeconds = 60;
    double sessionIdleSeconds = 1800;
    double askSeconds = 600;
    double taskSeconds = 3600;
    std::int64_t pageItems = 1000;
};

struct TlsSettings {
    bool enabled = false;
    std::string certFile;
    std::string keyFile;
    std::string chainFile;
};

struct HttpSettings {
    bool enabled = true;
    std::string address = "127.0.0.1:8080";
    std::uint16_t boundPort = 0; // that was got where the address says 0; 0 before
    std::string publicUrl;
    std::vector<std::string> allowedHosts;
    std::vector<std::string> allowedOrigins;
    std::vector<std::string> trustedProxies;
    bool legacySse = false;
    bool sessions = true;
    LimitSettings limits;
    TlsSettings tls;
};

struct AuthSettings {
    bool enabled = true;
    std::vector<std::string> validator{"static_file"}; // names, or full paths of libraries; several are a chain
    std::string chosenBy = "the default";              // the source that named the validator, for the log at start
    std::map<std::string, Json> validators;            // each one's own settings
    Json policy = Json::object();
    Json resource = Json::object(); // of the RFC 9728 document
    Json fallback = Json::object();
    std::string tokenFile;
    std::string tokenStore;       // "file:PATH", "sqlite:PATH" or "postgresql://..."; empty: the token file
    double storeGraceSeconds = 0; // for which verdicts hold while a store on another machine does not answer
    std::string tokenPrefix = "gth_";
    std::string tokenKind = "opaque"; // or "jwt": what the text of a new token is
    std::int64_t failuresPerMinute = 600;
    std::int64_t cachedVerdicts = 100'000;
    std::int64_t validations = 96; // on workers at once
    std::int64_t validationsPerAddress = 64;
    double validationSeconds = 30;
    bool legacyLimitHeaders = false; // X-RateLimit-* as well
};

struct BackendSettings {
    std::string plugin = "sql";
    Json settings = Json::object();
};

// Where people sign in to the page, beside the one-time link.
struct SignInSettings {
    std::string issuer; // of an OpenID provider; empty: nowhere
    std::string clientId;
    std::string clientSecret;    // empty: a public client
    Json allow = Json::object(); // {claim: [values]}: who may
};

// Who is told of events of tokens.
struct WebhookSettings {
    std::string url;
    std::string secret;              // signs what is sent
    std::vector<std::string> events; // "token.created"; empty: all
    bool allowsPrivate = false;      // the URL may be an address of our own network
};

struct AdminSettings {
    bool enabled = false; // the token API
    SignInSettings signIn;
    std::vector<WebhookSettings> webhooks;
};

struct PluginSettings {
    std::string dir;
    std::map<std::string, std::string> pins; // plugin file name -> SHA-256
};

struct Config {
    HttpSettings http;
    AuthSettings auth;
    BackendSettings backend;
    PluginSettings plugins;
    AdminSettings admin;
    std::string fetchCaFile;             // authorities for outgoing requests; empty: the system's
    std::string metricsAddress;          // empty: no metrics listener
    std::string auditFile;               // empty: no audit; "-": standard output
    bool coreDumps = false;              // may be written at a crash; they hold tokens
    std::vector<std::string> secretKeys; // the first seals, all open; empty: random for this process
    LogLevel logLevel = LogLevel::info;
    std::string file;                  // that was read; empty: defaults
    std::vector<std::string> warnings; // of what was read, to be logged at start
    KeyPlaces places;                  // where each value comes from
    SettingFaults faults;              // of what was read; a key with one has its default

    // A fault of this key, with its place.
    SettingFault fault(const std::string& key, const std::string& words) const {
        const std::string place = places.of(key);
        return {place.empty() ? file : place, key, words};
    }
};

} // namespace gatehouse
