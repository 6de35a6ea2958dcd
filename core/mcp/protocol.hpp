// Protocol: MCP without its transports. Takes a message of a caller that was let in and hands it to a method, in the
// era it speaks; owns what lives longer than a request: sessions, subscriptions, questions to clients, tasks.
// Threads: one (the loop's), except changed().
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "auth/call_limits.hpp"
#include "auth/gate.hpp"
#include "base/sealed_text.hpp"
#include "mcp/call/call_methods.hpp"
#include "mcp/feature/list_methods.hpp"
#include "mcp/feature/subscriptions.hpp"
#include "mcp/token_headers.hpp"

namespace gatehouse::mcp {

struct ProtocolOptions {
    CallTimes times;
    SessionStoreOptions sessions;
    TaskStoreOptions tasks;
    BudgetOptions budgets;
    std::size_t pageItems = 1000;     // of a list
    std::vector<std::string> secrets; // of requestState and cursors; none: random for this process
    LimitHeaders limitHeaders = LimitHeaders::standard;
};

// What the protocol needs of the server; outlives it.
struct ProtocolDeps {
    EventLoop& loop;
    const Clock& clock;
    Telemetry& telemetry;
    Log& log;
    Executor& workers;
    Gate& gate;
    Backend& backend;
    CallLimits* limits = nullptr;      // of tokens of our own store; null: none
    ClientFactory* fallback = nullptr; // lends the client of requests without a token; null: there is none
};

// What is known of a message beside itself.
struct Incoming {
    RequestPtr request;
    const http::RequestHead* head = nullptr; // null: no headers (stdio)
    http::Exchange* exchange = nullptr;      // null: no exchange of its own (stdio, batch)
    AnswerKind kind{};
    Session* session = nullptr;                 // of a transport that has one for all its messages (stdio)
    std::string_view channel = {};              // of a transport that has one for all its messages (stdio)
    bool carriesStreams = false;                // the channel lasts as long as its client: subscriptions may live on it
    std::optional<LimitAnswer>* room = nullptr; // for one call, in the limits of its token; null: none was asked for
};

class Protocol {
public:
    // Throws std::runtime_error naming the feature of the backend that cannot be served.
    Protocol(const ProtocolOptions& options, ProtocolDeps deps);
    ~Protocol();

    // Answers a message, now or later, through `writer`. Notifications and responses are answered 202.
    void handle(const Incoming& incoming, ResponseWriter& writer, const Message& message);
    // Bytes that are no message.
    void refuse(const Incoming& incoming, ResponseWriter& writer, const MessageFault& fault);

    // The backend's lists or resources have changed. [any thread]
    void changed(Change change, std::string uri);
    void identityGone(const std::string& isolationKey);
    void expire(); // to be called now and then
    void endStreams() { streams_.endAll(); }

    EventStreams& streams() { return streams_; }
    SessionStore& sessions() { return sessions_; }
    Subscriptions& subscriptions() { return subscriptions_; }
    ResumableStream::Deps streamDeps() {
        return {streams_, deps_.gate.authenticator().live(), budgets_.keptEvents, deps_.clock};
    }
    Budgets& budgets() { return budgets_; }
    CallLimits* limits() { return deps_.limits; }
    // Every method that is answered, for metrics.
    std::vector<std::string> methods() const;
    // Tells the operator how a request ended.
    void report(const Incoming& incoming, const Message* message, const CallEnd& end) const;

private:
    void handleRequest(const Incoming& incoming, ResponseWriter& writer, const Message& message, Era era);
    void handleOther(const Incoming& incoming, ResponseWriter& writer, const Message& message, Session* session);
    bool findSession(const Incoming& incoming, ResponseWriter& writer, const Message& message, Session*& session);
    void dispatch(const Incoming& incoming, MethodCall& call);
    std::optional<CallEnd> limited(const Incoming& incoming, MethodCall& call, HeldCall& room) const;
    void appendTokenHeaders(std::string& lines, const Caller& caller) const;
    CallEnd listen(const Incoming& incoming, MethodCall& call);
    void fail(const Incoming& incoming, ResponseWriter& writer, const Message& message, const RpcError& error,
              std::string_view reason);
    void reportCall(const RunningCall& call, const CallEnd& end) const;
    void renew(Change change, const std::string& uri);
    void renewLists();
    void renewed(const std::set<Change>& changes, std::shared_ptr<const FeatureRegistry> fresh);

    const ProtocolDeps deps_;
    const LimitHeaders limitHeaders_;
    const Sealer stateSealer_;
    const Sealer cursorSealer_;
    std::shared_ptr<const FeatureRegistry> features_;
    bool isRenewing_ = false;   // the backend is being asked for its lists
    std::set<Change> renewals_; // asked for meanwhile
    Budgets budgets_;           // outlives what holds shares of it
    EventStreams streams_;
    SessionStore sessions_;
    PendingAsks asks_;
    TaskStore tasks_;
    WaitingCalls waiting_;
    CallQueue queue_;
    CallDeps callDeps_;
    CallMethods calls_;
    ListMethods lists_;
    Subscriptions subscriptions_;
    MethodTable methods_;
};

} // namespace gatehouse::mcp
