#include "server.hpp"

#include <optional>

#include <gatehouse/json_text.hpp>

#include "auth/gate.hpp"
#include "base/worker_pool.hpp"
#include "http/http_server.hpp"
#include "mcp/endpoint.hpp"
#include "mcp/fallback_client.hpp"
#include "mcp/server_info.hpp"
#include "mcp/stdio_server.hpp"
#include "oauth/no_sign_in.hpp"
#include "ops/operations.hpp"
#include "ops/probe_handlers.hpp"
#include "plugin/plugin_backend.hpp"
#include "route_table.hpp"
#include "server_settings.hpp"
#include "start_report.hpp"
#include "tokens/file_watcher.hpp"
#include "validator_house.hpp"

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds expiryTick{50};
constexpr std::chrono::milliseconds leavingTick{20};

ProbeAnswer unready(const char* part, const std::string& why) {
    std::string body = R"({"status":"unready",")";
    body.append(part).append(R"(":)");
    appendJsonString(body, why);
    return {503, body + "}"};
}

} // namespace

// Members in order of construction; nothing here is reached but through a reference.
struct Server::House {
    House(const Config& config, const ServerOptions& options, const Clock& clock, Log& log);
    ~House();
    std::unique_ptr<Backend> openBackend();
    std::vector<std::string> origins() const;
    http::HostGuard hostGuard() const;
    mcp::EndpointOptions endpointOptions();
    void serveMetadata(const oauth::ResourceMetadata& metadata);
    void listen();
    void openStdio();
    void leaveStdio(SteadyTime latest);
    void watchTokens();
    void tick();
    ProbeAnswer health() const;
    ProbeAnswer ready();

    const Config config;
    const ServerOptions options;
    const Clock& clock;
    Log& log;
    Operations operations;
    http::EventLoop loop;
    std::optional<WorkerPool> workers;
    ValidatorHouse validators;
    std::unique_ptr<Backend> backend;
    std::optional<mcp::FallbackClient> fallback;
    std::optional<Gate> gate;
    std::optional<mcp::Protocol> protocol;
    std::optional<mcp::Endpoint> endpoint;
    ProbeHandler healthProbe;
    ProbeHandler readyProbe;
    ProbeHandler metricsProbe;
    std::optional<ProbeHandler> resourceProbe;
    std::optional<oauth::NoSignIn> noSignIn;
    std::optional<http::HttpServer> http;
    std::optional<mcp::StdioServer> stdio;
    std::optional<FileWatcher> watcher;
    http::Alarm expiry;
    http::Alarm leaving;
    bool stopping = false;
};

Server::House::House(const Config& given, const ServerOptions& givenOptions, const Clock& givenClock, Log& givenLog)
    : config(given), options(givenOptions), clock(givenClock), log(givenLog), operations(config.auditFile, clock, log),
      loop(clock, {[this](std::string_view fault) { log.error("fault in the event loop: " + std::string(fault)); },
                   [this](std::chrono::milliseconds took) {
                       operations.counted(Tally::loopStalls);
                       log.debug("a loop turn took " + std::to_string(took.count()) + " ms");
                   }}),
      validators(config, {options.executableFolder, options.program}, clock, log, operations,
                 {[this](std::string_view key) {
                      loop.post([this, name = std::string(key)] {
                          if (gate) gate->dropVerdicts(name);
                      });
                  },
                  [this](Change change, std::string_view uri) {
                      loop.post([this, change, name = std::string(uri)] {
                          if (protocol) protocol->changed(change, name);
                      });
                  }}),
      healthProbe([this] { return health(); }), readyProbe([this] { return ready(); }),
      metricsProbe(
          [this] {
              return ProbeAnswer{200, operations.metricsText(log.dropped()), "text/plain; version=0.0.4"};
          },
          hostGuard().allowingAddresses()),
      expiry(loop), leaving(loop) {
    refuseUnsafe(config, options);
    WorkerPoolOptions pool;
    pool.maxThreads = static_cast<std::size_t>(config.http.limits.workers);
    pool.maxReplaced = static_cast<std::size_t>(config.http.limits.replacedWorkers);
    workers.emplace(pool,
                    [this](std::string_view fault) { log.error("a worker's job failed: " + std::string(fault)); });
    for (const std::string& warning : config.warnings) log.warning(warning);
    if (config.auth.enabled) validators.open();
    TokenValidator* const validator = validators.validator();
    backend = openBackend();
    for (const std::string& unused : validators.unusedSettings()) log.warning(unused);
    const auto post = [this](std::function<void()> work) { loop.post(std::move(work)); };
    const auto identityGone = [this](const std::string& key) {
        if (protocol) protocol->identityGone(key);
        workers->deliver([this, key] {
            backend->identityGone(key);
            if (auto* judge = validators.validator()) judge->identityGone(key);
        });
    };
    gate.emplace(gateOptionsOf(config, validator), GatePort{clock, log, operations, *workers, post, identityGone},
                 validator);
    if (validator) {
        log.plain(validatorInForce(config.auth, resourceUrlOf(config), tokenFileOf(config, options.executableFolder)));
        for (const std::string& rule : idleRules(gate->policy(), config.auth)) log.warning(rule);
        for (const std::string& rule : unfittingRules(gate->policy(), *backend)) log.warning(rule);
    }
    if (const FallbackSettings lent = fallbackOf(config, validator); !lent.token.empty()) {
        fallback.emplace(*backend, fallbackIdentity(lent.scopes), lent.token);
        log.warning("auth.fallback: requests without a token are served by a client made from the environment");
    }
    protocol.emplace(protocolOptionsOf(config), mcp::ProtocolPort{loop, clock, operations, log, *workers, *gate,
                                                                  *backend, fallback ? &*fallback : nullptr});
    endpoint.emplace(*protocol, *gate, clock, endpointOptions());
    http.emplace(loop, limitsOf(config), operations, log);
    if (config.secretKeys.empty())
        log.warning("secrets.keys: none; what clients carry for us between calls is refused after a restart");
    watchTokens();
    if (options.stdio) openStdio();
    else listen();
    tick();
    log.flush();
}

// Calls first, then what they use.
Server::House::~House() {
    watcher.reset();
    if (stdio) stdio->flush();
    workers->stop();
    loop.finishPosted();
    http.reset();
    loop.finishPosted();
}

std::unique_ptr<Backend> Server::House::openBackend() {
    return makePluginBackend(validators.openLibrary(PluginKind::backend, config.backend.plugin), validators.hostPort(),
                             config.backend.settings.dump());
}

// Pages on the public URL's own origin may call, also where a proxy in front writes another Host.
std::vector<std::string> Server::House::origins() const {
    std::vector<std::string> out = config.http.allowedOrigins;
    if (const std::string own = originOfUrl(config.http.publicUrl); !own.empty()) out.push_back(own);
    return out;
}

http::HostGuard Server::House::hostGuard() const {
    std::vector<std::string> hosts = config.http.allowedHosts;
    if (const std::string host = hostOfUrl(config.http.publicUrl); !host.empty()) hosts.push_back(host);
    return {hosts, origins()};
}

mcp::EndpointOptions Server::House::endpointOptions() {
    std::vector<std::string> headers;
    if (auto* validator = validators.validator()) headers.push_back(validator->traits().header);
    return {.guard = hostGuard(),
            .cors = http::Cors(origins(), headers),
            .trustedProxies = trustedProxies(config.http.trustedProxies),
            .pathPrefix = pathPrefixOf(config),
            .opensOldStreamsEverywhere = config.http.legacySse};
}

void Server::House::serveMetadata(const oauth::ResourceMetadata& metadata) {
    resourceProbe.emplace(
        [text = metadata.json()] {
            return ProbeAnswer{200, text, "application/json",
                               "Cache-Control: max-age=300\r\nAccess-Control-Allow-Origin: *\r\n"};
        },
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
        "Access-Control-Allow-Headers: MCP-Protocol-Version\r\nAccess-Control-Max-Age: 7200\r\n");
}

void Server::House::listen() {
    const http::TlsOptions tls{config.http.tls.certFile, config.http.tls.keyFile, config.http.tls.chainFile};
    const auto metadata = resourceMetadataOf(config, validators.validator(), gate->policy());
    if (metadata.isServed()) serveMetadata(metadata);
    else noSignIn.emplace(validators.validator() ? credentialOf(*validators.validator()) : "");
    http::Routes routes =
        routesOf(config, {*endpoint, healthProbe, readyProbe, resourceProbe ? &*resourceProbe : nullptr,
                          noSignIn ? &*noSignIn : nullptr});
    std::string shown;
    try {
        const std::string address = boundAddress(config.http.address);
        const auto port = http->listen(address, std::move(routes), config.http.tls.enabled ? &tls : nullptr);
        shown = address.substr(0, address.rfind(':')) + ":" + std::to_string(port);
        if (!config.metricsAddress.empty()) {
            const auto metricsPort =
                http->listen(boundAddress(config.metricsAddress), {{"/metrics", &metricsProbe}}, nullptr);
            log.plain("Metrics on http://" + config.metricsAddress.substr(0, config.metricsAddress.rfind(':')) + ":" +
                      std::to_string(metricsPort) + "/metrics");
        }
    } catch (const std::runtime_error& fault) {
        throw StartRefused(fault.what());
    }
    if (!config.auth.enabled)
        log.plain("WARNING: authentication is off; everybody who reaches this address may call every tool");
    log.plain("Listening on " + std::string(config.http.tls.enabled ? "https://" : "http://") + shown + "/mcp");
}

void Server::House::openStdio() {
    const auto ended = [this] { leaveStdio(loop.now() + millis(config.http.limits.drainSeconds)); };
    stdio.emplace(
        *protocol, loop, clock, log,
        mcp::StdioServer::Ends{STDIN_FILENO, STDOUT_FILENO, static_cast<std::size_t>(config.http.limits.bodyBytes)},
        ended);
    log.info("serving MCP on standard input and output");
}

// Calls under way may end; who would answer a question has gone.
void Server::House::leaveStdio(SteadyTime latest) {
    if (workers->busy() == 0 || loop.now() >= latest) {
        loop.post([this] { loop.stop(); }); // after the answers that have been posted
        return;
    }
    leaving.set(loop.now() + leavingTick, [this, latest] { leaveStdio(latest); });
}

void Server::House::watchTokens() {
    TokenStore* const tokens = validators.tokens();
    if (!tokens) return;
    tokens->whenChanged(
        [this](const std::vector<std::string>& gone) { loop.post([this, gone] { gate->tokensGone(gone); }); });
    watcher.emplace(tokens->path(), [tokens] { tokens->reload(); });
    log.plain("Watching " + tokens->path() + " for changes");
}

void Server::House::tick() {
    gate->expire();
    protocol->expire();
    operations.expire();
    expiry.set(loop.now() + expiryTick, [this] { tick(); });
}

ProbeAnswer Server::House::health() const {
    return {200, R"({"status":"ok","server":"gatehouse","version":")" + std::string(mcp::serverVersion()) + R"("})"};
}

// 503 while every call would be refused or fail: a balancer sends its callers elsewhere.
ProbeAnswer Server::House::ready() {
    if (stopping) return {503, R"({"status":"stopping"})"};
    const auto* judge = validators.validator();
    if (const std::string why = judge ? judge->notReady() : ""; !why.empty()) return unready("validator", why);
    if (const std::string why = backend->notReady(); !why.empty()) return unready("backend", why);
    if (const auto* tokens = validators.tokens(); tokens && !tokens->healthy())
        return {200,
                R"({"status":"degraded","token_store":"the file cannot be read; the last good tokens are in force"})"};
    return {200, R"({"status":"ready"})"};
}

Server::Server(const Config& config, const ServerOptions& options, const Clock& clock, Log& log)
    : house_(std::make_unique<House>(config, options, clock, log)) {}

Server::~Server() = default;

void Server::run() { house_->loop.run(); }

void Server::stop() {
    house_->loop.post([this] {
        if (std::exchange(house_->stopping, true)) return;
        house_->log.info("stopping: calls under way may end");
        house_->protocol->endStreams();
        house_->http->drain([this] { house_->loop.stop(); });
    });
}

void Server::reloadTokens() {
    if (house_->watcher) house_->watcher->lookNow();
}

bool Server::callsLeft() const { return house_->workers->busy() > 0; }

http::EventLoop& Server::loop() { return house_->loop; }

} // namespace gatehouse
