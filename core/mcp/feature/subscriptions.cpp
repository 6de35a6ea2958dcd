#include "mcp/feature/subscriptions.hpp"

#include <gatehouse/json_text.hpp>

#include "mcp/message/params.hpp"

namespace gatehouse::mcp {

namespace {

std::string_view methodOf(Change change) {
    switch (change) {
        case Change::tools: return "notifications/tools/list_changed";
        case Change::resources: return "notifications/resources/list_changed";
        case Change::prompts: return "notifications/prompts/list_changed";
        case Change::resource: break;
    }
    return "notifications/resources/updated";
}

// {"uri":...,"_meta":{subscriptionId}}, as far as there is one.
std::string paramsOf(const std::string& uri, const std::string& subscriptionIdText) {
    std::string out = "{";
    if (!uri.empty()) {
        out += R"("uri":)";
        appendJsonString(out, uri);
    }
    if (!subscriptionIdText.empty()) {
        if (out.size() > 1) out += ',';
        out.append(R"("_meta":{"io.modelcontextprotocol/subscriptionId":)").append(subscriptionIdText).append("}");
    }
    out += '}';
    return out;
}

std::string eventOf(std::string_view json) {
    std::string event;
    appendEvent(event, json);
    return event;
}

} // namespace

bool Subscriptions::Listener::wants(Change change, const std::string& uri) const {
    switch (change) {
        case Change::tools: return tools;
        case Change::resources: return resources;
        case Change::prompts: return prompts;
        case Change::resource: break;
    }
    return uris.count(uri) > 0;
}

void Subscriptions::addTo(MethodTable& methods) {
    const auto legacy = MethodTable::In::legacy;
    methods.add("resources/subscribe", legacy, [this](MethodCall& call) { return subscribe(call, true); });
    methods.add("resources/unsubscribe", legacy, [this](MethodCall& call) { return subscribe(call, false); });
}

CallEnd Subscriptions::subscribe(MethodCall& call, bool on) {
    const auto uri = textParam(call.message, "uri");
    if (!uri) return invalidParams(call, "Invalid params: uri must be a string");
    if (CallEnd end; uriIsTooLong(call, *uri, end)) return end;
    if (on && !mayRead(call, *uri)) return invalidParams(call, "Resource not found"); // nor told of its changes
    if (!call.session) return answerMethod(call, "{}");                               // no session to notify later
    auto& subscribed = call.session->subscribed;
    if (on && subscribed.size() >= Session::maxSubscriptions && subscribed.count(*uri) == 0)
        return invalidParams(call,
                             "A session may subscribe to " + std::to_string(Session::maxSubscriptions) + " resources");
    auto& share = call.session->subscribedShare;
    const std::size_t bytes = uri->size() + perEntry;
    if (!share) share = deps_.budget.reserve(call.request->caller->identity.isolationKey, 0);
    if (on && subscribed.count(*uri) == 0) {
        if (!share.resize(share.amount() + bytes)) return tooMuch(call, "Too many subscriptions", "subscriptions");
        subscribed.insert(*uri);
    }
    if (!on && subscribed.erase(*uri) > 0) share.resize(share.amount() - bytes);
    return answerMethod(call, "{}");
}

// --- subscriptions/listen

bool Subscriptions::mayRead(const MethodCall& call, const std::string& uri) const {
    return !deps_.policy || deps_.policy->refusal(FeatureKind::resource, uri, *call.request->grants).empty();
}

std::optional<Subscriptions::Listener> Subscriptions::listenerOf(const MethodCall& call) const {
    const Json wanted = treeParam(call.message, "notifications");
    Listener out;
    out.idText = call.message.idText;
    out.isolationKey = call.request->caller->identity.isolationKey;
    if (!wanted.is_object()) return out; // wants nothing
    const auto asks = [&wanted](const char* name) { return wanted.contains(name) && wanted[name] == true; };
    out.tools = asks("toolsListChanged");
    out.prompts = asks("promptsListChanged");
    out.resources = asks("resourcesListChanged");
    std::size_t bytes = 0;
    const auto add = [&](std::set<std::string>& to, const Json& text) {
        const bool fits =
            text.is_string() && to.size() < maxResources && text.get_ref<const std::string&>().size() <= maxUriBytes;
        if (fits && to.insert(text.get<std::string>()).second)
            bytes += text.get_ref<const std::string&>().size() + perEntry;
    };
    for (const Json& uri : wanted.value("resourceSubscriptions", Json::array()))
        if (uri.is_string() && mayRead(call, uri.get_ref<const std::string&>())) add(out.uris, uri);
    for (const Json& id : wanted.value("taskIds", Json::array())) add(out.taskIds, id);
    out.share = deps_.budget.reserve(out.isolationKey, bytes);
    if (!out.share) return std::nullopt;
    return out;
}

CallEnd Subscriptions::refuseListener(MethodCall& call) const {
    return tooMuch(call, "This caller is at its limit of subscriptions", "subscriptions");
}

// What of the wishes is honoured.
std::string Subscriptions::acknowledgement(const Listener& listener) {
    Json honoured = Json::object();
    if (listener.tools) honoured["toolsListChanged"] = true;
    if (listener.prompts) honoured["promptsListChanged"] = true;
    if (listener.resources) honoured["resourcesListChanged"] = true;
    if (!listener.uris.empty()) honoured["resourceSubscriptions"] = listener.uris;
    if (!listener.taskIds.empty()) honoured["taskIds"] = listener.taskIds;
    const std::string params = R"({"notifications":)" + honoured.dump() + "," + paramsOf("", listener.idText).substr(1);
    return notification("notifications/subscriptions/acknowledged", params);
}

CallEnd Subscriptions::listen(MethodCall& call, http::Exchange& exchange) {
    if (!deps_.streams.admits(call.request->caller)) return refuseListener(call);
    auto listener = listenerOf(call);
    if (!listener) return refuseListener(call);
    const std::string acknowledged = acknowledgement(*listener);
    const auto id = deps_.streams.newId();
    listeners_.emplace(id, std::move(*listener));
    deps_.streams.open(id, exchange, deps_.live, call.request->caller, true,
                       [this](EventStreams::Id gone, EventStreams::Ended why) { ended(gone, why); });
    deps_.streams.send(id, eventOf(acknowledged));
    return {Outcome::ok, "stream"};
}

CallEnd Subscriptions::listen(MethodCall& call) {
    if (listeners_.size() >= maxListeners) return invalidParams(call, "There are too many subscriptions");
    auto read = listenerOf(call);
    if (!read) return refuseListener(call);
    Listener& listener = *read;
    listener.channel = call.channel;
    listener.writer = call.writer.keep();
    listener.writer->message(acknowledgement(listener));
    listeners_.emplace(nextChannelled_++, std::move(listener));
    return {Outcome::ok, "stream"};
}

void Subscriptions::cancel(const std::string& channel, const std::string& idText) {
    for (auto at = listeners_.begin(); at != listeners_.end();) {
        const bool meant = at->second.writer && at->second.channel == channel && at->second.idText == idText;
        at = meant ? listeners_.erase(at) : std::next(at);
    }
}

void Subscriptions::detach(Session& session) {
    attached_.erase(&session);
    std::erase_if(listeners_,
                  [&](const auto& entry) { return entry.second.writer && entry.second.channel == session.id; });
}

void Subscriptions::send(EventStreams::Id id, const Listener& listener, std::string_view json) {
    if (listener.writer) listener.writer->message(json);
    else deps_.streams.send(id, eventOf(json));
}

// A subscription that we end says so by its result.
void Subscriptions::ended(EventStreams::Id id, EventStreams::Ended why) {
    const auto found = listeners_.find(id);
    if (found == listeners_.end()) return;
    const std::string idText = found->second.idText;
    listeners_.erase(found);
    if (why == EventStreams::Ended::byClient) return;
    std::string answer;
    appendResult(answer, idText, R"({"resultType":"complete",)" + paramsOf("", idText).substr(1));
    deps_.streams.send(id, eventOf(answer));
}

// --- telling

void Subscriptions::publish(Change change, const std::string& uri) {
    auto ids = std::make_shared<std::vector<EventStreams::Id>>();
    for (const auto& [id, listener] : listeners_)
        if (listener.wants(change, uri)) ids->push_back(id);
    notifySessions(change, uri);
    notifySome(std::move(ids), 0, change, uri);
}

void Subscriptions::notifySome(std::shared_ptr<std::vector<EventStreams::Id>> ids, std::size_t from, Change change,
                               std::string uri) {
    const std::size_t end = std::min(ids->size(), from + perTurn);
    for (std::size_t i = from; i < end; ++i) {
        const auto found = listeners_.find((*ids)[i]);
        if (found == listeners_.end()) continue;
        send((*ids)[i], found->second, notification(methodOf(change), paramsOf(uri, found->second.idText)));
    }
    if (end < ids->size())
        deps_.loop.post(
            [this, ids = std::move(ids), end, change, uri = std::move(uri)] { notifySome(ids, end, change, uri); });
}

// A task is told of to its own identity alone.
void Subscriptions::publishTask(const Task& task, const TaskStore& tasks) {
    std::vector<std::pair<EventStreams::Id, std::string>> events; // sending may end a stream
    for (const auto& [id, listener] : listeners_) {
        if (listener.isolationKey != task.isolationKey || listener.taskIds.count(task.id) == 0) continue;
        std::string params = tasks.detailedJson(task);
        params.pop_back();
        params += "," + paramsOf("", listener.idText).substr(1);
        events.emplace_back(id, notification("notifications/tasks", params));
    }
    for (const auto& [id, json] : events)
        if (const auto found = listeners_.find(id); found != listeners_.end()) send(id, found->second, json);
}

void Subscriptions::notifySessions(Change change, const std::string& uri) {
    const std::string json = notification(methodOf(change), paramsOf(uri, ""));
    const auto tell = [&](Session& session) {
        const bool wanted = change != Change::resource || session.subscribed.count(uri) > 0;
        if (!wanted) return;
        if (session.push && !session.version.empty()) session.push(json);
        else if (const auto stream = session.stream(0)) stream->message(json);
    };
    deps_.sessions.each(tell);
    for (Session* session : attached_) tell(*session);
}

} // namespace gatehouse::mcp
