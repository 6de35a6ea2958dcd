// Subscriptions: who wants to hear of changes: subscriptions/listen streams (2026-07-28) and legacy sessions.
// Source: MCP basic/patterns/subscriptions; server/resources "Subscriptions" of the revisions before.
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <gatehouse/host.hpp>

#include "mcp/event_streams.hpp"
#include "mcp/method_table.hpp"
#include "mcp/session_store.hpp"
#include "mcp/task_store.hpp"

namespace gatehouse::mcp {

class Subscriptions {
public:
    static constexpr std::size_t perTurn = 512;       // streams told in one turn of the loop
    static constexpr std::size_t maxResources = 1000; // of one stream

    struct Port {
        http::EventLoop& loop;
        LiveIdentities& live;
        EventStreams& streams;
        SessionStore& sessions;
    };
    explicit Subscriptions(Port port) : port_(port) {}

    void addTo(MethodTable& methods); // resources/subscribe, resources/unsubscribe
    // subscriptions/listen, which needs an exchange of its own.
    MethodEnd listen(MethodCall& call, http::Exchange& exchange);
    // Tells all who want to hear of it.
    void publish(Change change, const std::string& uri);
    void publishTask(const Task& task, const TaskStore& tasks);
    std::size_t size() const { return listeners_.size(); }

private:
    struct Listener {
        bool tools = false, prompts = false, resources = false;
        std::set<std::string> uris, taskIds;
        std::string isolationKey;
        std::string idText; // the subscription's id
        bool wants(Change change, const std::string& uri) const;
    };
    static Listener listenerOf(const MethodCall& call);
    MethodEnd subscribe(MethodCall& call, bool on);
    void tellSome(std::shared_ptr<std::vector<EventStreams::Id>> ids, std::size_t from, Change change, std::string uri);
    void tellSessions(Change change, const std::string& uri);
    void ended(EventStreams::Id id, EventStreams::Ended why);

    const Port port_;
    std::unordered_map<EventStreams::Id, Listener> listeners_;
};

} // namespace gatehouse::mcp
