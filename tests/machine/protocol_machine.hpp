// ProtocolMachine: the whole way of a request, from the connection through the gate to the backend and back, with
// several clients at once, driven by random decisions: both eras, sessions, event streams, the old transport,
// subscriptions, tasks, batches, standard input; peers that go, tokens that end, workers and validators that answer
// late, in any order, or not at all; a server that drains.
//
// Invariants: no response comes twice or broken; a client object is closed once; when the peers have gone and the
// tokens have ended, nothing is left: no stream, session, subscription, task's call, client object, budget or
// descriptor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/connection.hpp"
#include "machine/choices.hpp"
#include "machine/machine_backend.hpp"
#include "machine/manual_executor.hpp"
#include "machine/message_script.hpp"
#include "machine/scripted_wire.hpp"
#include "mcp/transport/endpoint.hpp"
#include "mcp/transport/stdio_channel.hpp"
#include "support/turnable_clock.hpp"
#include "support/whole_gate.hpp"

namespace gatehouse::test {

// Accepts, refuses or cannot decide, by the token's name.
class MachineValidator final : public TokenValidator {
public:
    explicit MachineValidator(const Clock& clock) : clock_(clock) {}
    ValidatorTraits traits() const override;
    Verdict validate(const TokenRequest& request) override;
    bool runsInline = false, exchanges = false;
    Choices* choices = nullptr;
    std::string mark; // what follows "mark-" in a token

private:
    const Clock& clock_;
};

class GaugeObserver final : public Telemetry {
public:
    void decided(const AuditEvent&) override {}
    void judged(std::string_view, std::string_view, std::string_view) override {}
    void changed(Gauge gauge, std::int64_t by) override { values[static_cast<std::size_t>(gauge)] += by; }
    void counted(Counter) override {}
    void budgetUsed(std::string_view budget, std::int64_t by) override { used[std::string(budget)] += by; }
    void budgetRefused(std::string_view) override {}
    std::array<std::int64_t, 8> values{};
    std::map<std::string, std::int64_t> used; // of each budget
};

class ProtocolMachine final : public http::ConnectionOwner {
public:
    ProtocolMachine();
    ~ProtocolMachine() override;

    // One server from its start to its stop; the number of steps it took.
    std::size_t live(Choices& choices, std::size_t maxSteps);
    // A letter that the latest token of its kind brought to the validator.
    std::string_view lastMark() const { return validator_.mark; }

private:
    struct Peer {
        std::shared_ptr<ScriptedWire> wire;
        std::shared_ptr<http::Connection> connection;
        Readiness readiness;
        std::string unsent;      // the rest of a request, to come in a later cut
        std::size_t learned = 0; // bytes of its answers that clients have read
        int sent = 0;            // requests
        bool isOpen() const { return wire->isOpen; }
    };
    // What a server consists of, in order of construction.
    struct Site {
        Site(ProtocolMachine& machine, const GateOptions& gateOptions, const mcp::ProtocolOptions& options);
        WholeGate whole;
        mcp::Protocol protocol;
        mcp::Endpoint endpoint;
        std::shared_ptr<const http::Router> routes;
        std::optional<mcp::StdioChannel> stdio;
    };

    void start();
    void step(bool mayNest);
    void connect();
    void sendSome(Peer& peer);
    void leave(Peer& peer, bool reset);
    void endTokens();
    void changeBackend();
    void runJob();
    void turnLoop();
    void deliver(Peer& peer);
    Peer* anyPeer();

    void stop();
    void endLocalCaller();
    void settle();
    void checkAnswers(const Peer& peer) const;
    void checkNothingIsLeft();

    // ConnectionOwner
    EventLoop& loop() override { return loop_; }
    const http::Limits& limits() const override { return limits_; }
    Budget& bodies() override { return bodies_; }
    Budget& outputs() override { return outputs_; }
    bool draining() const override { return draining_; }
    void handshakeDone(http::Connection&) override {}
    void streamsChanged(int by) override { streams_ += by; }
    void closed(http::Connection&) override { ++closed_; }

    TurnableClock clock_;
    Log log_;
    EventLoop loop_;
    http::Limits limits_;
    MachineValidator validator_{clock_};
    MachineBackend backend_;
    GaugeObserver telemetry_;
    Budget bodies_{"bodies", {32u << 20, 32u << 20}, telemetry_},
        outputs_{"outputs", {32u << 20, 32u << 20}, telemetry_};
    ManualExecutor executor_;

    // of one life
    Choices* choices_ = nullptr;
    std::optional<MessageScript> script_;
    std::optional<Site> site_;
    std::vector<Peer> peers_;
    int opened_ = 0, closed_ = 0, streams_ = 0;
    bool draining_ = false;
};

} // namespace gatehouse::test
