// Subscriptions to changes: subscriptions/listen streams (2026-07-28) and legacy sessions.
// Source: MCP basic/patterns/subscriptions; server/resources "Subscriptions" of the revisions before.
// Threads: one (the loop's).
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <gatehouse/host.hpp>

#include "mcp/call/task_store.hpp"
#include "mcp/method_table.hpp"
#include "mcp/session/session_store.hpp"
#include "mcp/transport/event_streams.hpp"

namespace gatehouse::mcp {

class Subscriptions {
public:
    static constexpr std::size_t maxListeners = 100'000;
    static constexpr std::size_t perEntry = 128;      // bytes that an entry costs beside its text
    static constexpr std::size_t perTurn = 512;       // streams told in one turn of the loop
    static constexpr std::size_t maxResources = 1000; // of one stream

    struct Deps {
        EventLoop& loop;
        LiveIdentities& live;
        EventStreams& streams;
        SessionStore& sessions;
        Budget& budget;                 // bytes of URIs and task ids
        const Policy* policy = nullptr; // null: everybody may read everything
    };
    explicit Subscriptions(Deps deps) : deps_(deps) {}

    void addTo(MethodTable& methods); // resources/subscribe, resources/unsubscribe
    // subscriptions/listen, which needs an exchange of its own.
    CallEnd listen(MethodCall& call, http::Exchange& exchange);
    // The same where one channel carries all messages (stdio).
    CallEnd listen(MethodCall& call);
    void cancel(const std::string& channel, const std::string& idText); // of such a channel
    // A session that is not in the store, and has a push. Its subscriptions end when it is detached.
    void attach(Session& session) { attached_.insert(&session); }
    void detach(Session& session);
    // Notifies all that subscribed to it.
    void publish(Change change, const std::string& uri);
    void publishTask(const Task& task, const TaskStore& tasks);
    std::size_t size() const { return listeners_.size(); }

private:
    struct Listener {
        bool tools = false, prompts = false, resources = false;
        std::set<std::string> uris, taskIds;
        Budget::Share share; // their bytes
        std::string isolationKey;
        std::string idText;                     // the subscription's id
        std::string channel;                    // of one without a stream of its own
        std::shared_ptr<ResponseWriter> writer; // of the same
        bool wants(Change change, const std::string& uri) const;
    };
    std::optional<Listener> listenerOf(const MethodCall& call) const; // nothing: more than the budget has
    CallEnd refuseListener(MethodCall& call) const;
    bool mayRead(const MethodCall& call, const std::string& uri) const;
    static std::string acknowledgement(const Listener& listener);
    void send(EventStreams::Id id, const Listener& listener, std::string_view json);
    CallEnd subscribe(MethodCall& call, bool on);
    void notifySome(std::shared_ptr<std::vector<EventStreams::Id>> ids, std::size_t from, Change change,
                    std::string uri);
    void notifySessions(Change change, const std::string& uri);
    void ended(EventStreams::Id id, EventStreams::Ended why);

    const Deps deps_;
    std::unordered_map<EventStreams::Id, Listener> listeners_;
    EventStreams::Id nextChannelled_ = EventStreams::Id{1} << 63; // of listeners without a stream
    std::set<Session*> attached_;
};

} // namespace gatehouse::mcp
