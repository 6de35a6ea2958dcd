#include "server/server.hpp"

#include <map>
#include <optional>

#include "auth/gate.hpp"
#include "http/http_server.hpp"
#include "loop/worker_pool.hpp"
#include "mcp/call/fallback_client.hpp"
#include "mcp/server_info.hpp"
#include "mcp/transport/endpoint.hpp"
#include "mcp/transport/stdio_server.hpp"
#include "oauth/no_sign_in.hpp"
#include "ops/operations.hpp"
#include "ops/probe_handlers.hpp"
#include "server/route_table.hpp"
#include "server/server_parts.hpp"
#include "server/server_settings.hpp"
#include "server/start_report.hpp"
#include "tokens/file_watcher.hpp"

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds expiryTick{50};
constexpr std::chrono::milliseconds leavingTick{20};

} // namespace

// Members in order of construction; nothing here is reached but through a reference.
struct Server::Impl {
    Impl(const Config& config, const ServerOptions& options, const Clock& clock, Log& log);
    ~Impl();
    void bind();
    http::HttpServer::Bound bound(const std::string& key, const std::string& address, const http::TlsOptions* tls);
    void prepare();
    ValidatorRuntime::Events events();
    void tellOfStart();
    void makeGate();
    std::vector<std::string> origins() const;
    http::HostGuard hostGuard() const;
    mcp::EndpointOptions endpointOptions();
    void serveMetadata(const oauth::ResourceMetadata& metadata);
    void listen();
    http::Router routes();
    void openStdio();
    void leaveStdio(SteadyTime latest);
    void watchTokens();
    void tick();
    ProbeAnswer health() const;
    bool isUnready(const char* part, const std::string& why);
    ProbeAnswer ready();

    Config config;
    const ServerOptions options;
    const Clock& clock;
    Log& log;
    Operations operations;
    EventLoop loop;
    std::optional<WorkerPool> workers;
    std::optional<ServerParts> parts;
    std::optional<mcp::FallbackClient> fallback;
    std::optional<Authenticator> authenticator;
    std::optional<Authorizer> authorizer;
    std::optional<Gate> gate; // of MCP
    std::optional<mcp::Protocol> protocol;
    std::optional<mcp::Endpoint> endpoint;
    ProbeHandler healthProbe;
    ProbeHandler readyProbe;
    ProbeHandler metricsProbe;
    std::optional<ProbeHandler> resourceProbe;
    std::optional<oauth::NoSignIn> noSignIn;
    std::optional<http::HttpServer> http;
    http::HttpServer::Bound mcpAddress, metricsAddress;
    std::optional<mcp::StdioServer> stdio;
    std::optional<FileWatcher> watcher;
    Alarm expiry;
    Alarm leaving;
    std::map<std::string, std::string> toldUnready; // by part
    bool stopping = false;
};

Server::Impl::Impl(const Config& given, const ServerOptions& givenOptions, const Clock& givenClock, Log& givenLog)
    : config(given), options(givenOptions), clock(givenClock), log(givenLog), operations(clock, log),
      loop(clock, {[this](std::string_view fault) { log.error("fault in the event loop: " + std::string(fault)); },
                   [this](std::chrono::milliseconds took) {
                       operations.counted(Tally::loopStalls);
                       log.debug("a loop turn took " + std::to_string(took.count()) + " ms");
                   }}),
      healthProbe([this] { return health(); }), readyProbe([this] { return ready(); }),
      metricsProbe(
          [this] {
              return ProbeAnswer{200, operations.metricsText(log.dropped()), "text/plain; version=0.0.4"};
          },
          hostGuard().allowingAddresses()),
      expiry(loop), leaving(loop) {
    prepare();
    operations.openAudit(config.auditFile);
    WorkerPoolOptions pool;
    pool.maxThreads = static_cast<std::size_t>(config.http.limits.workers);
    pool.maxReplaced = static_cast<std::size_t>(config.http.limits.replacedWorkers);
    workers.emplace(pool,
                    [this](std::string_view fault) { log.error("a worker's job failed: " + std::string(fault)); });
    tellOfStart();
    makeGate();
    protocol.emplace(protocolOptionsOf(config), mcp::ProtocolPort{loop, clock, operations, log, *workers, *gate,
                                                                  *parts->backend, fallback ? &*fallback : nullptr});
    endpoint.emplace(*protocol, *gate, clock, endpointOptions());
    watchTokens();
    if (options.stdio) openStdio();
    else listen();
    tick();
    log.flush();
}

// The ports first: they say where this server is, and whoever has them taken is told before anything has changed. They
// are not taken for settings that are refused anyway.
void Server::Impl::prepare() {
    SettingFaults faults = config.faults;
    judgeSettings(config, options, faults);
    http.emplace(loop, limitsOf(config), operations, log);
    if (faults.empty() && !options.stdio) bind();
    parts.emplace(config, options, clock, log, operations, events(), ServerParts::Purpose::serve);
    parts->prepare(faults);
    if (!faults.empty()) throw StartRefused(faults);
}

void Server::Impl::bind() {
    const http::TlsOptions tls{config.http.tls.certFile, config.http.tls.keyFile, config.http.tls.chainFile};
    mcpAddress =
        bound("--addr or http.address", boundAddress(config.http.address), config.http.tls.enabled ? &tls : nullptr);
    config.http.boundPort = mcpAddress.port;
    if (!config.metricsAddress.empty())
        metricsAddress = bound("metrics.address", boundAddress(config.metricsAddress), nullptr);
}

http::HttpServer::Bound Server::Impl::bound(const std::string& key, const std::string& address,
                                            const http::TlsOptions* tls) {
    try {
        return http->bind(address, tls);
    } catch (const http::ListenError& fault) {
        if (!fault.inUse) throw http::ListenError(std::string(fault.what()) + " (" + key + ")", false);
        throw http::ListenError(address + " is in use by another program; choose another with " + key, true);
    }
}

ValidatorRuntime::Events Server::Impl::events() {
    return {[this](std::string_view key) {
                loop.post([this, name = std::string(key)] {
                    if (authenticator) authenticator->dropVerdicts(name);
                });
            },
            [this](Change change, std::string_view uri) {
                loop.post([this, change, name = std::string(uri)] {
                    if (protocol) protocol->changed(change, name);
                });
            }};
}

void Server::Impl::tellOfStart() {
    if (parts->validators.validator())
        log.plain(validatorInForce(config.auth, resourceUrlOf(config), tokenFileOf(config, options.executableFolder)));
    for (const std::string& warning : parts->warnings()) log.warning(warning);
}

void Server::Impl::makeGate() {
    const auto post = [this](std::function<void()> work) { loop.post(std::move(work)); };
    const auto identityGone = [this](const std::string& key) {
        if (protocol) protocol->identityGone(key);
        workers->deliver([this, key] {
            parts->backend->identityGone(key);
            if (auto* judge = parts->validators.validator()) judge->identityGone(key);
        });
    };
    authenticator.emplace(parts->gate->authentication,
                          AuthenticatorDeps{clock, log, operations, *workers, post, identityGone},
                          parts->validators.validator());
    authorizer.emplace(parts->gate->policy);
    gate.emplace(*authenticator, *authorizer, parts->gate->challenge);
    if (const FallbackSettings& lent = parts->fallback; !lent.token.empty())
        fallback.emplace(*parts->backend, fallbackIdentity(lent.scopes), lent.token);
}

// Calls first, then what they use.
Server::Impl::~Impl() {
    watcher.reset();
    if (stdio) stdio->flush();
    workers->stop();
    loop.finishPosted();
    http.reset();
    loop.finishPosted();
}

// Pages on the public URL's own origin may call, also where a proxy in front writes another Host.
std::vector<std::string> Server::Impl::origins() const {
    std::vector<std::string> out = config.http.allowedOrigins;
    if (const std::string own = originOfUrl(config.http.publicUrl); !own.empty()) out.push_back(own);
    return out;
}

http::HostGuard Server::Impl::hostGuard() const {
    std::vector<std::string> hosts = config.http.allowedHosts;
    if (const std::string host = hostOfUrl(config.http.publicUrl); !host.empty()) hosts.push_back(host);
    return {hosts, origins()};
}

mcp::EndpointOptions Server::Impl::endpointOptions() {
    std::vector<std::string> headers;
    if (auto* validator = parts->validators.validator()) headers.push_back(validator->traits().header);
    return {.gated = {.guard = hostGuard(),
                      .cors = http::Cors(origins(), headers),
                      .trustedProxies = trustedProxies(config.http.trustedProxies)},
            .pathPrefix = pathPrefixOf(config),
            .opensOldStreamsEverywhere = config.http.legacySse};
}

void Server::Impl::serveMetadata(const oauth::ResourceMetadata& metadata) {
    resourceProbe.emplace(
        [text = metadata.json()] {
            return ProbeAnswer{200, text, "application/json",
                               "Cache-Control: max-age=300\r\nAccess-Control-Allow-Origin: *\r\n"};
        },
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET\r\n"
        "Access-Control-Allow-Headers: MCP-Protocol-Version\r\nAccess-Control-Max-Age: 7200\r\n");
}

http::Router Server::Impl::routes() {
    auto* const validator = parts->validators.validator();
    if (parts->metadata.isServed()) serveMetadata(parts->metadata);
    else noSignIn.emplace(validator ? credentialOf(*validator) : "");
    return routesOf(config, {*endpoint, healthProbe, readyProbe, resourceProbe ? &*resourceProbe : nullptr,
                             noSignIn ? &*noSignIn : nullptr});
}

// Whoever has come since the address was bound is answered now.
void Server::Impl::listen() {
    http->serve(mcpAddress, routes());
    if (!config.metricsAddress.empty()) {
        http::Router metricsRoutes;
        metricsRoutes.add({"GET"}, "/metrics", metricsProbe);
        http->serve(metricsAddress, std::move(metricsRoutes));
        log.plain("Metrics on http://" + withPort(config.metricsAddress, metricsAddress.port) + "/metrics");
    }
    if (!config.auth.enabled)
        log.plain("WARNING: authentication is off; everybody who reaches this address may call every tool");
    log.plain("Listening on " + std::string(config.http.tls.enabled ? "https://" : "http://") +
              withPort(boundAddress(config.http.address), mcpAddress.port) + "/mcp");
}

void Server::Impl::openStdio() {
    const auto ended = [this] { leaveStdio(loop.now() + millis(config.http.limits.drainSeconds)); };
    stdio.emplace(
        *protocol, loop, clock, log,
        mcp::StdioServer::Ends{STDIN_FILENO, STDOUT_FILENO, static_cast<std::size_t>(config.http.limits.bodyBytes)},
        ended);
    log.info("serving MCP on standard input and output");
}

// Calls under way may end; who would answer a question has gone.
void Server::Impl::leaveStdio(SteadyTime latest) {
    if (workers->busy() == 0 || loop.now() >= latest) {
        loop.post([this] { loop.stop(); }); // after the answers that have been posted
        return;
    }
    leaving.set(loop.now() + leavingTick, [this, latest] { leaveStdio(latest); });
}

void Server::Impl::watchTokens() {
    TokenStore* const tokens = parts->validators.tokens();
    if (!tokens) return;
    tokens->whenChanged(
        [this](const std::vector<std::string>& gone) { loop.post([this, gone] { authenticator->tokensGone(gone); }); });
    watcher.emplace(tokens->path(), [tokens] { tokens->reload(); });
    log.plain("Watching " + tokens->path() + " for changes");
}

void Server::Impl::tick() {
    authenticator->expire();
    protocol->expire();
    operations.expire();
    expiry.set(loop.now() + expiryTick, [this] { tick(); });
}

ProbeAnswer Server::Impl::health() const {
    return {200, R"({"status":"ok","server":"gatehouse","version":")" + std::string(mcp::serverVersion()) + R"("})"};
}

// Anybody may ask: the reason is for the log, once.
bool Server::Impl::isUnready(const char* part, const std::string& why) {
    std::string& told = toldUnready[part];
    if (why != told) log.warning("/ready: " + std::string(part) + ": " + (why.empty() ? "ready again" : why));
    told = why;
    return !why.empty();
}

// 503 while every call would be refused or fail: a balancer sends its callers elsewhere.
ProbeAnswer Server::Impl::ready() {
    if (stopping) return {503, R"({"status":"stopping"})"};
    const auto* judge = parts->validators.validator();
    if (isUnready("validator", judge ? judge->notReady() : ""))
        return {503, R"({"status":"unready","validator":"no token can be judged now; the log says why"})"};
    if (isUnready("backend", parts->backend->notReady()))
        return {503, R"({"status":"unready","backend":"calls would fail now; the log says why"})"};
    if (const auto* tokens = parts->validators.tokens(); tokens && !tokens->healthy())
        return {200,
                R"({"status":"degraded","token_store":"the file cannot be read; the last good tokens are in force"})"};
    return {200, R"({"status":"ready"})"};
}

Server::Server(const Config& config, const ServerOptions& options, const Clock& clock, Log& log)
    : impl_(std::make_unique<Impl>(config, options, clock, log)) {}

Server::~Server() = default;

void Server::run() { impl_->loop.run(); }

void Server::stop() {
    impl_->loop.post([this] {
        if (std::exchange(impl_->stopping, true)) return;
        impl_->log.info("stopping: calls under way may end");
        impl_->protocol->endStreams();
        impl_->http->drain([this] { impl_->loop.stop(); });
    });
}

void Server::reloadTokens() {
    if (impl_->watcher) impl_->watcher->lookNow();
}

bool Server::callsLeft() const { return impl_->workers->busy() > 0; }

EventLoop& Server::loop() { return impl_->loop; }

} // namespace gatehouse
