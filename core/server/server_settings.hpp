// What the settings mean for the server, and which of them are unsafe.
// Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "auth/gate.hpp"
#include "config/config.hpp"
#include "http/limits.hpp"
#include "http/peer.hpp"
#include "mcp/protocol.hpp"
#include "oauth/resource_metadata.hpp"
#include "server/server.hpp"

namespace gatehouse {

std::chrono::milliseconds millis(double seconds);
http::Limits limitsOf(const Config& config);
// What one identity may hold and all together. With authentication off callers are not told apart: one may hold all.
BudgetLimits budgetOf(const Config& config, std::int64_t perIdentity, std::int64_t inAll);
// ":8080" means every address.
std::string boundAddress(const std::string& address);
// The address with this port; 0 leaves it as it is.
std::string withPort(const std::string& address, std::uint16_t port);
// The host of an http(s) URL; empty when it is none.
std::string hostOfUrl(const std::string& url);
// scheme://host[:port] of an http(s) URL, as browsers write it; empty when it is none.
std::string originOfUrl(const std::string& url);
// The header that a caller has to send: "Authorization: Bearer <token>".
std::string credentialOf(const TokenValidator& validator);
std::vector<AddressRange> trustedProxies(const std::vector<std::string>& texts);
// The setting by which others than this machine's own programs can reach the server; empty: none. A proxy on this
// machine makes a loopback address reachable, so public_url and trusted_proxies count.
std::string reachableBy(const Config& config);
// Tells what would be unsafe, makes no sense, or cannot be used, as far as the settings alone and the files that they
// name say it: addresses, TLS, authentication, the audit file. Resolves no name, opens nothing for writing.
void judgeSettings(const Config& config, const ServerOptions& options, SettingFaults& faults);

// Where clients reach the server: http.public_url, else the address it is bound to.
std::string baseUrlOf(const Config& config);
// Canonical URL of the MCP endpoint: the audience that tokens are made for.
std::string resourceUrlOf(const Config& config);
// Throws UnusableConfigError when authorization servers are named and public_url is missing.
oauth::ResourceMetadata resourceMetadataOf(const Config& config, const TokenValidator* validator, const Policy& policy);
// auth.fallback: which environment variable holds the token of the client that serves requests without one.
struct FallbackSettings {
    std::string token; // empty: there is no fallback
    std::vector<std::string> scopes;
};
// Throws UnusableConfigError where it would serve unauthenticated callers: on a reachable address, or beside OAuth.
FallbackSettings fallbackOf(const Config& config, const TokenValidator* validator);
// Throws SettingsError.
GateOptions gateOptionsOf(const Config& config, const TokenValidator* validator);
mcp::ProtocolOptions protocolOptionsOf(const Config& config);

} // namespace gatehouse
