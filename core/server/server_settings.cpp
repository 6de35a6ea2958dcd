#include "server/server_settings.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/url_parts.hpp"
#include "http/host_guard.hpp"
#include "server/start_report.hpp"

namespace gatehouse {

std::chrono::milliseconds millis(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

BudgetLimits budgetOf(const Config& config, std::int64_t perIdentity, std::int64_t inAll) {
    const std::int64_t ofOne = config.auth.enabled ? std::min(perIdentity, inAll) : inAll;
    return {static_cast<std::size_t>(ofOne), static_cast<std::size_t>(inAll)};
}

http::Limits limitsOf(const Config& config) {
    const LimitSettings& s = config.http.limits;
    http::Limits limits;
    limits.headBytes = static_cast<std::size_t>(s.headBytes);
    limits.bodyBytes = static_cast<std::size_t>(s.bodyBytes);
    limits.bodies = budgetOf(config, s.bodyBudgetBytesPerIdentity, s.bodyBudgetBytes);
    limits.outputs = budgetOf(config, s.unreadBytesPerIdentity, s.unreadBytes);
    limits.outputBytes = static_cast<std::size_t>(s.outputBytes);
    limits.connections = static_cast<std::size_t>(s.connections);
    limits.handshakes = static_cast<std::size_t>(s.handshakes);
    limits.handshakesPerAddress = static_cast<std::size_t>(s.handshakesPerAddress);
    limits.handshakeTime = millis(s.handshakeSeconds);
    limits.headTime = millis(s.headSeconds);
    limits.bodyTime = millis(s.bodySeconds);
    limits.unauthenticatedBodyTime = millis(s.unauthenticatedBodySeconds);
    limits.idleTime = millis(s.idleSeconds);
    limits.writeTime = millis(s.writeSeconds);
    limits.drainTime = millis(s.drainSeconds);
    return limits;
}

// ":8080" means every address.
std::string boundAddress(const std::string& address) {
    return !address.empty() && address[0] == ':' ? "0.0.0.0" + address : address;
}

std::string withPort(const std::string& address, std::uint16_t port) {
    return port == 0 ? address : address.substr(0, address.rfind(':') + 1) + std::to_string(port);
}

static bool isLoopbackAddress(const std::string& address) {
    return http::isLoopbackName(http::hostOf(boundAddress(address)));
}

std::string reachableBy(const Config& config) {
    const HttpSettings& http = config.http;
    if (!isLoopbackAddress(http.address)) return "http.address (" + http.address + ")";
    const std::string host = hostOfUrl(http.publicUrl);
    if (!host.empty() && !http::isLoopbackName(host)) return "http.public_url (" + http.publicUrl + ")";
    return http.trustedProxies.empty() ? "" : "http.trusted_proxies";
}

// The host of an http(s) URL; empty when it is none.
std::string hostOfUrl(const std::string& url) {
    const auto parts = urlParts(url);
    if (!parts || (parts->scheme != "http" && parts->scheme != "https")) return "";
    return std::string(http::hostOf(parts->authority));
}

std::string originOfUrl(const std::string& url) {
    if (hostOfUrl(url).empty()) return "";
    const UrlParts parts = *urlParts(url);
    std::string origin = url.substr(0, url.size() - parts.path.size() - parts.rest.size());
    const std::string usual = parts.scheme == "https" ? ":443" : ":80";
    if (origin.size() > usual.size() && origin.compare(origin.size() - usual.size(), usual.size(), usual) == 0)
        origin.resize(origin.size() - usual.size());
    return origin;
}

std::string credentialOf(const TokenValidator& validator) {
    const ValidatorTraits traits = validator.traits();
    return traits.header + ": " + (traits.scheme == "none" ? "<API key>" : traits.scheme + " <API token>");
}

std::vector<AddressRange> trustedProxies(const std::vector<std::string>& texts) {
    std::vector<AddressRange> ranges;
    for (const std::string& text : texts) {
        const auto range = AddressRange::parse(text);
        if (!range)
            throw UnusableConfigError(
                "http.trusted_proxies: expected an address or a range such as "
                "10.0.0.0/8, got \"" +
                text + "\"");
        ranges.push_back(*range);
    }
    return ranges;
}

std::string tokenFileOf(const Config& config, const std::filesystem::path& executableFolder) {
    if (!config.auth.tokenFile.empty()) return config.auth.tokenFile;
    const std::filesystem::path system = "/etc/gatehouse/tokens.yaml";
    std::error_code error;
    return (std::filesystem::exists(system, error) ? system : executableFolder / "gatehouse-tokens.yaml").string();
}

std::filesystem::path pluginFolderOf(const Config& config, const std::filesystem::path& executableFolder) {
    if (!config.plugins.dir.empty()) return config.plugins.dir;
    return executableFolder.parent_path() / "lib" / "gatehouse";
}

std::string baseUrlOf(const Config& config) {
    std::string url = config.http.publicUrl;
    if (url.empty())
        url = (config.http.tls.enabled ? "https://" : "http://") +
              withPort(boundAddress(config.http.address), config.http.boundPort);
    while (!url.empty() && url.back() == '/') url.pop_back();
    return url;
}

std::string resourceUrlOf(const Config& config) { return baseUrlOf(config) + "/mcp"; }

oauth::ResourceMetadata resourceMetadataOf(const Config& config, const TokenValidator* validator,
                                           const Policy& policy) {
    auto servers = validator ? validator->traits().authorizationServers : std::vector<std::string>();
    auto metadata =
        oauth::ResourceMetadata::from(Settings(config.auth.resource, "auth.resource"), resourceUrlOf(config),
                                      std::move(servers), requiredScopesOf(config.auth, policy));
    if (metadata.isServed() && config.http.publicUrl.empty() && !isLoopbackAddress(config.http.address))
        throw UnusableConfigError(
            "http.public_url: not set, but clients must be told where this server is to log in for it: set it "
            "to the https URL that they use");
    const bool plain = config.http.publicUrl.rfind("http://", 0) == 0;
    if (metadata.isServed() && plain && !http::isLoopbackName(hostOfUrl(config.http.publicUrl)))
        throw UnusableConfigError("http.public_url: expected https, got \"" + config.http.publicUrl +
                                  "\": tokens would travel in the clear");
    return metadata;
}

FallbackSettings fallbackOf(const Config& config, const TokenValidator* validator) {
    const Settings settings(config.auth.fallback, "auth.fallback");
    settings.allowOnly({"env", "enabled", "scopes", "allow_remote"});
    if (!settings.flag("enabled", false) || !validator) return {};
    const std::string variable = settings.string("env");
    const char* value = std::getenv(variable.c_str());
    const std::string token = withoutLineEnd(value ? value : "");
    if (token.find_first_not_of(" \t\r\n") == std::string::npos)
        throw UnusableConfigError("auth.fallback.env: the environment variable " + variable + " is not set, or empty");
    if (const auto reachable = reachableBy(config); !reachable.empty() && !settings.flag("allow_remote", false))
        throw UnusableConfigError(
            "auth.fallback: refused on " + config.http.address +
            ", because everybody who reaches it would be served without a token: " + reachable +
            ". Bind to 127.0.0.1 without a proxy in front, or set auth.fallback.allow_remote: true");
    if (!validator->traits().authorizationServers.empty())
        throw UnusableConfigError(
            "auth.fallback: refused while clients log in by OAuth: a request without a token must be sent to log in");
    return {token, settings.strings("scopes")};
}

GateOptions gateOptionsOf(const Config& config, const TokenValidator* validator) {
    GateOptions out;
    const auto& names = config.auth.validator;
    AuthenticatorOptions& who = out.authentication;
    who.validatorName = names.size() > 1 ? "chain" : std::filesystem::path(names.front()).stem().string();
    who.resourceUrl = resourceUrlOf(config);
    out.policy = Policy(Settings(config.auth.policy, "auth.policy"));
    const auto metadata = resourceMetadataOf(config, validator, out.policy);
    if (metadata.isServed()) out.challenge.resourceMetadata = metadata.url();
    out.challenge.scopes = metadata.scopes;
    if (validator) out.challenge.credential = credentialOf(*validator);
    const FallbackSettings fallback = fallbackOf(config, validator);
    who.fallback = !fallback.token.empty();
    who.fallbackScopes = fallback.scopes;
    who.cache.maxAccepts = static_cast<std::size_t>(config.auth.cachedVerdicts);
    who.failures.perMinute = static_cast<double>(config.auth.failuresPerMinute);
    who.validations = {static_cast<std::size_t>(std::min(config.auth.validationsPerAddress, config.auth.validations)),
                       static_cast<std::size_t>(config.auth.validations)};
    who.validationTime = millis(config.auth.validationSeconds);
    return out;
}

mcp::ProtocolOptions protocolOptionsOf(const Config& config) {
    const LimitSettings& limits = config.http.limits;
    mcp::ProtocolOptions out;
    out.times.call = millis(limits.callSeconds);
    out.times.ask = millis(limits.askSeconds);
    out.times.task = out.tasks.time = millis(limits.taskSeconds);
    out.pageItems = static_cast<std::size_t>(limits.pageItems);
    out.secrets = config.secretKeys;
    if (config.auth.legacyLimitHeaders) out.limitHeaders = mcp::LimitHeaders::withLegacy;
    const BudgetLimits sessions = budgetOf(config, limits.sessionsPerIdentity, limits.sessions);
    out.sessions = {sessions.inAll, millis(limits.sessionIdleSeconds), sessions.perIdentity, config.http.sessions};
    constexpr std::int64_t queued = 1024; // WorkerPoolOptions::maxQueued
    out.budgets.calls = budgetOf(config, limits.callsPerIdentity, limits.workers + queued);
    out.budgets.openCalls = budgetOf(config, limits.openCallsPerIdentity, limits.openCalls);
    out.budgets.streams = budgetOf(config, limits.streamsPerIdentity, limits.streams);
    out.budgets.keptEvents = budgetOf(config, limits.keptEventBytesPerIdentity, limits.keptEventBytes);
    out.budgets.subscriptions = budgetOf(config, limits.subscriptionBytesPerIdentity, limits.subscriptionBytes);
    out.budgets.taskResults = budgetOf(config, limits.taskResultBytesPerIdentity, limits.taskResultBytes);
    return out;
}

} // namespace gatehouse
