// The loop, the live tokens and the open streams that a test of streams needs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mcp/budgets.hpp"
#include "mcp/transport/resumable_stream.hpp"
#include "support/fake_exchange.hpp"
#include "support/scripted_gate.hpp"

namespace gatehouse::test {

class StreamSite {
public:
    StreamSite() : live(10, thread.clock, telemetry, [](const std::string&) {}) {
        thread.on([this] { streams = std::make_unique<mcp::EventStreams>(thread.loop, budgets.streams); });
    }
    ~StreamSite() {
        thread.on([this] { streams.reset(); });
        thread.stop();
    }
    StreamSite(const StreamSite&) = delete;
    StreamSite& operator=(const StreamSite&) = delete;

    mcp::ResumableStream::Place place() { return {*streams, live, budgets.keptEvents, thread.clock}; }
    // Lives at least as long as the site: streams write to it until then.
    std::shared_ptr<FakeExchange> exchange(const std::string& head = "POST / HTTP/1.1\r\nHost: a") {
        return exchanges_.emplace_back(std::make_shared<FakeExchange>(thread.loop, head));
    }
    void revoke(const std::string& who) {
        thread.on([&] { live.revoke([&](const Caller& caller) { return caller.identity.subject == who; }); });
    }
    std::size_t open() { // streams
        return thread.on([this] { return streams->size(); });
    }

    LoopThread thread;
    CountingTelemetry telemetry;
    mcp::Budgets budgets{{}, telemetry};
    LiveIdentities live;
    std::unique_ptr<mcp::EventStreams> streams;
    const CallerPtr alice = callerNamed("alice");

private:
    std::vector<std::shared_ptr<FakeExchange>> exchanges_;
};

} // namespace gatehouse::test
