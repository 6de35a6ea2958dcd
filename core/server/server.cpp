#include "server/server.hpp"

#include <optional>

#include "auth/gate.hpp"
#include "http/http_server.hpp"
#include "loop/worker_pool.hpp"
#include "mcp/call/fallback_client.hpp"
#include "mcp/server_info.hpp"
#include "mcp/transport/stdio_server.hpp"
#include "server/http_surface.hpp"
#include "server/server_settings.hpp"
#include "server/start_report.hpp"
#include "server/store_judgements.hpp"
#include "server/token_store_choice.hpp"
#include "server/token_upkeep.hpp"
#include "server/webhooks.hpp"

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
    void logStart();
    void makeGate();
    void makeProtocol();
    void countTokenUse();
    void askLimits(const std::vector<LimitWish>& wishes, CallLimits::Granted granted);
    void listen();
    void openStdio();
    void leaveStdio(SteadyTime latest);
    void watchTokens();
    void tokensGone(const std::vector<std::string>& ids);
    void tick();

    Config config;
    const ServerOptions options;
    const Clock& clock;
    Log& log;
    ServerTelemetry telemetry;
    EventLoop loop;
    std::optional<WorkerPool> workers;
    std::optional<PreparedParts> parts;
    std::optional<ReadyProbe> readiness;
    std::optional<mcp::FallbackClient> fallback;
    std::optional<Authenticator> authenticator;
    std::optional<Authorizer> authorizer;
    std::optional<CallLimits> limits; // of tokens of our own store; nothing: there is none
    std::optional<Gate> gate;         // of MCP
    std::optional<mcp::Protocol> protocol;
    std::optional<TokenUpkeep> upkeep;       // nothing: no store of our own
    std::optional<Webhooks> webhooks;        // nothing: nobody is told of tokens
    std::optional<TokenAdminDeps> adminDeps; // nothing: no token API
    std::optional<HttpSurface> surface;
    std::optional<mcp::Endpoint> endpoint;
    std::optional<http::HttpServer> http;
    http::HttpServer::Bound mcpAddress, metricsAddress;
    std::optional<mcp::StdioServer> stdio;
    Alarm expiry;
    Alarm leaving;
};

Server::Impl::Impl(const Config& given, const ServerOptions& givenOptions, const Clock& givenClock, Log& givenLog)
    : config(withOwnParts(given, givenOptions.parts)), options(givenOptions), clock(givenClock), log(givenLog),
      telemetry(clock, log),
      loop(clock, {[this](std::string_view fault) { log.error("fault in the event loop: " + std::string(fault)); },
                   [this](std::chrono::milliseconds took) {
                       telemetry.counted(Counter::loopStalls);
                       log.debug("a loop turn took " + std::to_string(took.count()) + " ms");
                   }}),
      expiry(loop), leaving(loop) {
    prepare();
    telemetry.openAudit(config.auditFile);
    if (options.parts) telemetry.auditTo(options.parts->audit);
    WorkerPoolOptions pool;
    pool.maxThreads = static_cast<std::size_t>(config.http.limits.workers);
    pool.maxReplaced = static_cast<std::size_t>(config.http.limits.replacedWorkers);
    workers.emplace(pool,
                    [this](std::string_view fault) { log.error("a worker's job failed: " + std::string(fault)); });
    logStart();
    readiness.emplace(parts->validators, *parts->backend, log);
    makeGate();
    makeProtocol();
    watchTokens();
    if (options.stdio) openStdio();
    else listen();
    tick();
    log.flush();
}

// The ports first: they say where this server is, and one that is taken is told of before anything has changed. They
// are not taken for settings that are refused anyway.
void Server::Impl::prepare() {
    SettingFaults faults = config.faults;
    judgeSettings(config, options, faults);
    http.emplace(loop, limitsOf(config), telemetry, log);
    if (faults.empty() && !options.stdio) bind();
    parts.emplace(config, options, clock, log, telemetry, events(), PreparedParts::Purpose::serve);
    parts->prepare(faults);
    if (!faults.empty()) throw UnusableConfigError(faults);
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

void Server::Impl::logStart() {
    if (parts->validators.validator())
        log.plain(validatorInForce(config.auth, resourceUrlOf(config),
                                   tokenStoreChoice(config, options.executableFolder).name));
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
    AuthenticatorOptions who = parts->gate->authentication;
    const TokenStore* const tokens = parts->validators.tokens();
    who.asksOnWorkers = tokens && tokens->mayBlock();
    authenticator.emplace(std::move(who),
                          AuthenticatorDeps{.clock = clock,
                                            .log = log,
                                            .telemetry = telemetry,
                                            .workers = *workers,
                                            .post = post,
                                            .identityGone = identityGone,
                                            .rulesOf = rulesIn(tokens),
                                            .standsUntil = standingIn(tokens),
                                            .isFresh = freshnessOf(tokens),
                                            .tokenPrefix = config.auth.tokenPrefix},
                          parts->validators.validator());
    authorizer.emplace(parts->gate->policy);
    gate.emplace(*authenticator, *authorizer, parts->gate->challenge);
    if (const FallbackSettings& lent = parts->fallback; !lent.token.empty())
        fallback.emplace(*parts->backend, fallbackIdentity(lent.scopes), lent.token);
}

// What tokens of the store are used for is counted, whoever asks for it later.
void Server::Impl::countTokenUse() {
    TokenStore* const tokens = parts->validators.tokens();
    if (!tokens) return;
    upkeep.emplace(*tokens, usageSourceOf(config, options.executableFolder), clock, log);
    limits.emplace(clock, [this](const auto& wishes, auto granted) { askLimits(wishes, std::move(granted)); });
    if (!config.admin.webhooks.empty())
        webhooks.emplace(
            config.admin.webhooks, *tokens, upkeep->source(),
            WebhookDeps{
                .clock = clock, .log = log, .telemetry = telemetry, .fetch = [this](const FetchRequest& request) {
                    return parts->validators.hostDeps().fetch(request);
                }});
    telemetry.tellUse([this](const AuditEvent& event) {
        upkeep->record(event);
        if (webhooks && event.outcome == Outcome::ok) webhooks->used(event.tokenId, event.peer);
    });
    if (config.admin.enabled)
        adminDeps.emplace(TokenAdminDeps{.config = config,
                                         .store = *tokens,
                                         .usage = upkeep->usage(),
                                         .refusals = upkeep->refusals(),
                                         .limits = *limits,
                                         .ledger = upkeep->ledger(),
                                         .clock = clock,
                                         .log = log,
                                         .telemetry = telemetry,
                                         .loop = loop,
                                         .workers = *workers});
}

// A worker asks; one that is not to be had is no room either.
void Server::Impl::askLimits(const std::vector<LimitWish>& wishes, CallLimits::Granted granted) {
    const bool isTaken = workers->submit(
        [this, wishes, granted] { loop.post([granted, grants = upkeep->take(wishes)] { granted(grants); }); });
    if (!isTaken) granted(std::nullopt);
}

void Server::Impl::makeProtocol() {
    countTokenUse();
    protocol.emplace(protocolOptionsOf(config), mcp::ProtocolDeps{.loop = loop,
                                                                  .clock = clock,
                                                                  .telemetry = telemetry,
                                                                  .log = log,
                                                                  .workers = *workers,
                                                                  .gate = *gate,
                                                                  .backend = *parts->backend,
                                                                  .limits = limits ? &*limits : nullptr,
                                                                  .fallback = fallback ? &*fallback : nullptr});
    telemetry.nameMethods(protocol->methods());
    surface.emplace(HttpSurfaceDeps{.config = config,
                                    .parts = *parts,
                                    .own = options.parts,
                                    .clock = clock,
                                    .log = log,
                                    .telemetry = telemetry,
                                    .loop = loop,
                                    .workers = *workers,
                                    .gate = *gate,
                                    .admin = adminDeps,
                                    .readiness = *readiness});
    endpoint.emplace(*protocol, *gate, clock, surface->endpointOptions());
}

// Calls first, then what they use.
Server::Impl::~Impl() {
    if (stdio) stdio->flush();
    if (webhooks) webhooks->stop();
    if (upkeep) upkeep->stop();
    workers->stop();
    loop.finishPosted();
    if (upkeep) upkeep->write();
    if (upkeep) upkeep->giveBack(limits->takeUnused());
    http.reset();
    loop.finishPosted();
}

// Whoever has come since the address was bound is answered now.
void Server::Impl::listen() {
    http->serve(mcpAddress, surface->routes(*endpoint));
    if (!config.metricsAddress.empty()) {
        http->serve(metricsAddress, surface->metricsRoutes());
        log.plain("Metrics on http://" + withPort(config.metricsAddress, metricsAddress.port) + "/metrics");
    }
    if (!config.auth.enabled)
        log.plain("WARNING: authentication is off; everybody who reaches this address may call every tool");
    log.plain("Listening on " + std::string(config.http.tls.enabled ? "https://" : "http://") +
              withPort(boundAddress(config.http.address), mcpAddress.port) + "/mcp");
}

void Server::Impl::openStdio() {
    const auto ended = [this] { leaveStdio(loop.now() + millis(config.http.limits.drainSeconds)); };
    stdio.emplace(*protocol, loop, clock, log,
                  mcp::StdioServer::Descriptors{STDIN_FILENO, STDOUT_FILENO,
                                                static_cast<std::size_t>(config.http.limits.bodyBytes)},
                  ended);
    log.info("serving MCP on standard input and output");
}

// Calls under way may end; questions to clients get no answer any more.
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
        [this](const std::vector<std::string>& gone) { loop.post([this, gone] { tokensGone(gone); }); });
    tokens->watch();
    upkeep->start();
    if (webhooks) webhooks->start();
}

void Server::Impl::tokensGone(const std::vector<std::string>& ids) {
    authenticator->tokensGone(ids);
    if (auto* admin = surface->admin()) admin->tokensGone(ids);
}

void Server::Impl::tick() {
    authenticator->expire();
    if (auto* admin = surface->admin()) admin->expire();
    if (TokenStore* const tokens = parts->validators.tokens()) tokens->beginDue();
    protocol->expire();
    telemetry.expire();
    expiry.set(loop.now() + expiryTick, [this] { tick(); });
}

Server::Server(const Config& config, const ServerOptions& options, const Clock& clock, Log& log)
    : impl_(std::make_unique<Impl>(config, options, clock, log)) {}

Server::~Server() = default;

void Server::run() { impl_->loop.run(); }

void Server::stop() {
    impl_->loop.post([this] {
        if (impl_->readiness->beginStopping()) return;
        impl_->log.info("stopping: calls under way may end");
        impl_->protocol->endStreams();
        impl_->http->drain([this] { impl_->loop.stop(); });
    });
}

void Server::reloadTokens() {
    if (auto* tokens = impl_->parts->validators.tokens()) tokens->lookNow();
}

std::uint16_t Server::port() const { return impl_->mcpAddress.port; }

// An address that stands for every one is reached by the loopback one.
std::string Server::url() const {
    const HttpSettings& http = impl_->config.http;
    std::string address = withPort(boundAddress(http.address), port());
    for (const std::string every : {"0.0.0.0:", "[::]:"})
        if (address.rfind(every, 0) == 0) address.replace(0, every.size(), every[0] == '[' ? "[::1]:" : "127.0.0.1:");
    return (http.tls.enabled ? "https://" : "http://") + address + "/mcp";
}

bool Server::callsLeft() const { return impl_->workers->busy() > 0; }

EventLoop& Server::loop() { return impl_->loop; }

} // namespace gatehouse
