#include "machine/protocol_machine.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fcntl.h>

#include "machine/invariant.hpp"
#include "machine/response_reader.hpp"

namespace gatehouse::test {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t maxPeers = 6;

} // namespace

// --- the validator

ValidatorTraits MachineValidator::traits() const {
    ValidatorTraits out;
    out.runsInline = runsInline;
    out.exchanges = exchanges;
    return out;
}

// "alice-7": alice, with her token alice-7. "alice-brief" ends soon; "once-1" holds for its request only.
Verdict MachineValidator::validate(const TokenRequest& request) {
    const std::string token(request.token);
    if (token == "down" || choices->oneIn(60)) return Unavailable{"on purpose", 1s};
    if (token == "bad") return Rejected{};
    if (token.compare(0, 5, "mark-") == 0) mark = token.substr(5);
    Identity identity;
    identity.issuer = "test";
    identity.tokenId = token;
    identity.subject = identity.isolationKey = token.substr(0, token.find('-'));
    identity.expiresAt = clock_.wall() + (token == "alice-brief" ? 200ms : 1h);
    const bool once = identity.subject == "once";
    return Accepted{identity, once ? CachePolicy::never() : CachePolicy::forToken()};
}

// --- a server's life

ProtocolMachine::ProtocolMachine()
    : log_(::open("/dev/null", O_WRONLY | O_CLOEXEC), LogLevel::error), loop_(clock_, {[](std::string_view) {}, {}}) {
    limits_.outputBytes = 16 << 10;
    backend_.elsewhere = [this] { step(false); };
}

ProtocolMachine::~ProtocolMachine() = default;

ProtocolMachine::Site::Site(ProtocolMachine& machine, const GateOptions& gateOptions,
                            const mcp::ProtocolOptions& options)
    : whole(gateOptions,
            {machine.clock_, machine.log_, machine.telemetry_, machine.executor_,
             [&machine](std::function<void()> work) { machine.loop_.post(std::move(work)); },
             [this](const std::string& key) { protocol.identityGone(key); }},
            &machine.validator_),
      protocol(options, {machine.loop_, machine.clock_, machine.telemetry_, machine.log_, machine.executor_, whole.gate,
                         machine.backend_}),
      endpoint(protocol, whole.gate, machine.clock_,
               {.gated = {.guard = http::HostGuard({}, {})}, .opensOldStreamsEverywhere = true}),
      routes(std::make_shared<const http::Router>(
          http::Router{{"/mcp", &endpoint}, {"/sse", &endpoint}, {"/messages", &endpoint}})) {
    stdio.emplace(protocol, machine.clock_, [&machine](std::string_view line) { machine.script_->known.learn(line); });
}

void ProtocolMachine::start() {
    GateOptions gate;
    gate.authentication.validatorName = "machine";
    gate.authentication.maxLiveTokens = 2 + choices_->below(6);
    gate.authentication.failures.perMinute = choices_->oneIn(4) ? 60 : 6000;
    mcp::ProtocolOptions options;
    options.sessions.maxSessions = 1 + choices_->below(10);
    options.tasks.maxTasks = 1 + choices_->below(6);
    options.secrets = {"a secret of the machine, long enough"};
    validator_.runsInline = choices_->oneIn(3);
    validator_.exchanges = choices_->oneIn(4);
    validator_.choices = backend_.choices = choices_;
    backend_.fromStart = choices_->oneIn(2);
    executor_.most = choices_->oneIn(4) ? 2 : 1024;
    draining_ = false;
    opened_ = closed_ = 0;
    script_.emplace(*choices_);
    site_.emplace(*this, gate, options);
}

std::size_t ProtocolMachine::live(Choices& choices, std::size_t maxSteps) {
    choices_ = &choices;
    start();
    std::size_t steps = 0;
    while (steps < maxSteps && !choices.exhausted()) {
        ++steps;
        step(true);
        if (!choices.oneIn(3)) turnLoop();
    }
    stop();
    return steps;
}

void ProtocolMachine::step(bool mayNest) {
    switch (choices_->below(24)) {
        case 0:
        case 1: return connect();
        case 2: return site_->stdio->handle(script_->line());
        case 3:
        case 4:
            if (Peer* peer = anyPeer(); peer && choices_->oneIn(3)) leave(*peer, choices_->oneIn(2));
            return;
        case 5:
            if (Peer* peer = anyPeer()) {
                peer->wire->capacity = choices_->oneIn(4) ? choices_->below(2000) : std::size_t{1} << 30;
                peer->readiness.writable = true;
            }
            return;
        case 6: return endTokens();
        case 7: return clock_.turn(std::chrono::milliseconds(choices_->below(choices_->oneIn(8) ? 700'000 : 400)));
        case 8: return changeBackend();
        case 9:
        case 10:
        case 11:
        case 12:
        case 13:
        case 14:
            if (mayNest) runJob(); // one worker at a time stands within a call
            return;
        case 15:
            if (!choices_->oneIn(60)) return;
            draining_ = true;
            site_->protocol.endStreams();
            for (Peer& peer : peers_) peer.connection->stopServing();
            return;
        default:
            if (Peer* peer = anyPeer()) sendSome(*peer);
            else connect();
    }
}

void ProtocolMachine::connect() {
    if (peers_.size() >= maxPeers || draining_) return;
    Peer peer;
    peer.wire = std::make_shared<ScriptedWire>();
    peer.wire->capacity = choices_->oneIn(6) ? choices_->below(2000) : std::size_t{1} << 30;
    peer.connection = std::make_shared<http::Connection>(
        *this, site_->routes, std::make_unique<ScriptedTransport>(peer.wire, *choices_), "192.0.2.1");
    peer.connection->open();
    ++opened_;
    peers_.push_back(std::move(peer));
}

ProtocolMachine::Peer* ProtocolMachine::anyPeer() {
    return peers_.empty() ? nullptr : &peers_[choices_->below(static_cast<std::uint32_t>(peers_.size()))];
}

void ProtocolMachine::sendSome(Peer& peer) {
    if (peer.wire->fin || peer.wire->reset) return;
    if (peer.unsent.empty()) {
        peer.unsent = script_->httpRequest();
        ++peer.sent;
    }
    const std::size_t size = peer.unsent.size();
    const std::size_t now = choices_->oneIn(6) ? choices_->below(static_cast<std::uint32_t>(size)) : size;
    peer.wire->toServer.append(peer.unsent, 0, now);
    peer.unsent.erase(0, now);
    peer.readiness.readable = true;
}

void ProtocolMachine::leave(Peer& peer, bool reset) {
    (reset ? peer.wire->reset : peer.wire->fin) = true;
    peer.readiness.readable = peer.readiness.hungUp = true;
    peer.readiness.writable |= reset;
}

// A token is removed, or a validator takes back what it said.
void ProtocolMachine::endTokens() {
    if (!choices_->oneIn(4)) return;
    const auto work = [this, many = choices_->oneIn(2), which = choices_->below(4)] {
        if (many) return site_->whole.authenticator.dropVerdicts(which == 0 ? "alice" : which == 1 ? "bob" : "");
        site_->whole.authenticator.tokensGone({which == 0 ? "alice-1" : which == 1 ? "bob-1" : "alice-2"});
    };
    loop_.post(work);
}

void ProtocolMachine::changeBackend() {
    if (choices_->oneIn(2)) site_->protocol.changed(Change::tools, "");
    else site_->protocol.changed(Change::resource, "test://one");
}

void ProtocolMachine::runJob() {
    if (executor_.waiting() > 0) executor_.run(choices_->below(static_cast<std::uint32_t>(executor_.waiting())));
}

// One turn of the loop, with what the server does now and then; never within another.
void ProtocolMachine::turnLoop() {
    for (std::size_t i = 0; i < peers_.size(); ++i) deliver(peers_[i]);
    loop_.post([this] {
        site_->whole.authenticator.live().expire();
        site_->protocol.expire();
    });
    loop_.turn(0ms);
    for (Peer& peer : peers_) {
        const std::size_t overlap = std::min<std::size_t>(peer.learned, 100);
        script_->known.learn(std::string_view(peer.wire->fromServer).substr(peer.learned - overlap));
        peer.learned = peer.wire->fromServer.size();
        if (!peer.isOpen()) checkAnswers(peer);
    }
    peers_.erase(std::remove_if(peers_.begin(), peers_.end(), [](const Peer& peer) { return !peer.isOpen(); }),
                 peers_.end());
}

// As the loop does it.
void ProtocolMachine::deliver(Peer& peer) {
    const Readiness readiness = std::exchange(peer.readiness, {});
    if (!peer.isOpen() || (!readiness.readable && !readiness.writable && !readiness.hungUp)) return;
    try {
        peer.connection->onReady(readiness);
    } catch (const std::runtime_error&) {
        peer.connection->onFault();
    }
}

// --- the end

// As a server stops: streams end, workers finish, connections close, time passes.
void ProtocolMachine::stop() {
    site_->protocol.endStreams();
    settle();
    site_->whole.authenticator.dropVerdicts("");
    for (Peer& peer : peers_) leave(peer, true);
    settle();
    for (int i = 0; i < 3; ++i) {
        clock_.turn(1h + 1min);
        settle();
    }
    site_->stdio.reset();
    endLocalCaller();
    checkNothingIsLeft();
    invariant(site_->protocol.subscriptions().size() == 0, "no subscription outlives its channel");
    loop_.finishPosted();
    site_.reset();
    script_.reset();
}

// Who calls over standard input has no token that ends: there is one for the whole process, which ends with it.
void ProtocolMachine::endLocalCaller() {
    site_->whole.authenticator.live().revoke([](const Caller& caller) { return caller.identity.subject == "local"; });
}

// Until no worker and no loop has anything to do.
void ProtocolMachine::settle() {
    for (int quiet = 0; quiet < 3; ++quiet) {
        while (executor_.waiting() > 0) {
            executor_.run(0);
            quiet = 0;
        }
        turnLoop();
    }
}

void ProtocolMachine::checkAnswers(const Peer& peer) const {
    const ResponseReader reader([](const std::string&, std::string_view) { return false; });
    std::string_view left = peer.wire->fromServer;
    ReadResponse response;
    int answers = 0;
    bool closes = false;
    while (reader.next(left, response)) {
        invariant(!closes, "nothing follows the last answer");
        closes = response.closes;
        invariant(++answers <= peer.sent, "no request is answered twice");
    }
}

void ProtocolMachine::checkNothingIsLeft() {
    invariant(peers_.empty() && closed_ == opened_, "every connection ends, once");
    for (const auto& [budget, used] : telemetry_.used)
        invariant(used == 0, ("everything is returned to the budget " + budget).c_str());
    invariant(streams_ == 0, "no event stream is left on a connection");
    invariant(site_->protocol.streams().size() == 0, "no event stream is left in the protocol");
    invariant(site_->whole.authenticator.live().size() == 0, "no token is left");
    invariant(backend_.open == 0, "every client object is closed");
    for (const std::int64_t value : telemetry_.values) invariant(value == 0, "every gauge is back at zero");
}

} // namespace gatehouse::test
