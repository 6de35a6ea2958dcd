// One call of a tool, from its start on a worker to its end, and where its answer goes.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "support/call_site.hpp"

namespace gatehouse::test {

struct CallOptions {
    bool modern = false, takes = true;
    std::string progressToken = {};
    int lowestLevel = mcp::CallParts::noMessages;
};

class OneCall : public CallSite {
public:
    explicit OneCall(const CallOptions& options = {}) : writer(KeptResponseWriter::make(options.takes)) {
        mcp::CallParts parts;
        parts.target = {features, "tools/call", "work", "", features->tool("work"), false};
        parts.request = request;
        parts.argumentsJson = "{}";
        parts.progressTokenText = options.progressToken;
        parts.lowestLevel = options.lowestLevel;
        parts.answers = std::make_shared<mcp::ClientAnswers>();
        parts.era = options.modern ? mcp::Era::modern : mcp::Era::legacy;
        mcp::WireForm form{"7", "{}", "", false};
        auto responder = options.modern
                             ? mcp::modernResponder(writer, form, [](const mcp::ClientAnswers&) { return "s"; })
                             : mcp::legacyResponder(writer, form, "s", asks);
        call = std::make_shared<mcp::RunningCall>(port, std::move(parts), std::move(responder), ended());
    }
    ~OneCall() { finish(); }
    void begin() {
        thread.on([this] { call->begin(live.hold(alice, [this] { call->endWithToken(); })); });
    }
    // Begins, and waits until its client is inside of the call.
    void hold() {
        holdCalls();
        begin();
        if (!latch.waitForArrivals(1)) throw std::runtime_error("the client was not called");
    }
    void work() {
        begin();
        if (!waitFor(writer)) throw std::runtime_error("the call was not answered");
    }
    // Lets the worker come to its end.
    void finish() {
        latch.open();
        workers->stop();
        thread.settle();
        thread.on([this] { call.reset(); });
    }

    const std::shared_ptr<const mcp::FeatureRegistry> features =
        std::make_shared<const mcp::FeatureRegistry>(mcp::FeatureLists{{toolNamed("work")}, {}, {}, {}});
    mcp::PendingAsks asks;
    const std::shared_ptr<KeptResponseWriter> writer;
    std::shared_ptr<mcp::RunningCall> call;
};

} // namespace gatehouse::test
