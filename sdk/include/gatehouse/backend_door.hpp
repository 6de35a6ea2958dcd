// A C++ backend as abi.h sees it. Part of plugin.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include <gatehouse/backend.hpp>
#include <gatehouse/host_side.hpp>

namespace gatehouse::door {

class CallHostSide final : public CallContext {
public:
    CallHostSide(const gatehouse_call_host* table, const gatehouse_call_request* request)
        : table_(table), request_(request) {}
    bool cancelled() const override { return table_->cancelled(table_->ctx) != 0; }
    void progress(double progress, std::optional<double> total, std::string_view message) override {
        table_->progress(table_->ctx, progress, total.value_or(-1), str(message));
    }
    void message(MessageLevel level, const Json& data, std::string_view logger) override {
        const std::string text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
        table_->message(table_->ctx, static_cast<std::int32_t>(level), str(logger), str(text));
    }
    void releaseStream(std::chrono::milliseconds retry) override {
        table_->release_stream(table_->ctx, static_cast<std::uint32_t>(retry.count()));
    }
    void becomeTask() override { table_->become_task(table_->ctx); }
    void answer(const CallOutcome& outcome) {
        if (const auto* result = std::get_if<Result>(&outcome)) return table_->result(table_->ctx, str(result->json()));
        if (const auto* error = std::get_if<CallError>(&outcome)) return fail(*error);
        table_->input_required(table_->ctx, str(std::get<InputRequired>(outcome).json()));
    }

    std::string_view answersJson() const override { return view(request_->answers_json); }
    std::string_view clientCapabilitiesJson() const override { return view(request_->client_capabilities_json); }

private:
    void fail(const CallError& error) {
        table_->error(table_->ctx, error.code, str(error.message), str(error.dataJson));
    }
    const gatehouse_call_host* table_;
    const gatehouse_call_request* request_;
};

struct ClientDoor {
    const Host& host;
    std::unique_ptr<Client> client;
};

inline CallOutcome callGuarded(ClientDoor& door, const gatehouse_call_request* c, CallHostSide& context) {
    try {
        return door.client->call(
            {view(c->method), view(c->name), view(c->arguments_json), view(c->meta_json), view(c->uri)}, context);
    } catch (InputRequired& asked) {
        return std::move(asked);
    } catch (CallError& error) {
        return std::move(error);
    } catch (const std::exception& fault) {
        door.host.log(LogLevel::error, std::string("call threw: ") + fault.what());
    } catch (...) {
        door.host.log(LogLevel::error, "call threw something that is no std::exception");
    }
    return CallError{-32603, "Internal error", ""};
}

template <class Plugin>
struct BackendDoor {
    HostSide host;
    Plugin plugin;

    BackendDoor(const gatehouse_host* table, const Settings& settings) : host(table), plugin(settings, host) {}

    static void describe(void* self, gatehouse_feature_sink out, gatehouse_sink error) noexcept {
        started("describe", error, [&] { static_cast<BackendDoor*>(self)->describeTo(out); });
    }
    // Text that is not UTF-8 is shown as such instead of ending the server.
    void describeTo(gatehouse_feature_sink out) const {
        for (const Tool& tool : plugin.tools())
            put(out, GATEHOUSE_FEATURE_TOOL,
                flag(tool.runsInline, GATEHOUSE_FEATURE_INLINE) |
                    flag(tool.tasks != Tool::Tasks::none, GATEHOUSE_FEATURE_TASK) |
                    flag(tool.tasks == Tool::Tasks::required, GATEHOUSE_FEATURE_TASK_ONLY) |
                    flag(!tool.taskFromStart, GATEHOUSE_FEATURE_TASK_LATER),
                tool.name, tool.definition());
        for (const Resource& resource : plugin.resources())
            put(out, GATEHOUSE_FEATURE_RESOURCE, flag(resource.runsInline, GATEHOUSE_FEATURE_INLINE), resource.uri,
                resource.definition());
        for (const ResourceTemplate& one : plugin.resourceTemplates())
            put(out, GATEHOUSE_FEATURE_RESOURCE_TEMPLATE,
                flag(one.runsInline, GATEHOUSE_FEATURE_INLINE) | flag(one.completes, GATEHOUSE_FEATURE_COMPLETES),
                one.uriTemplate, one.definition());
        for (const Prompt& prompt : plugin.prompts())
            put(out, GATEHOUSE_FEATURE_PROMPT,
                flag(prompt.runsInline, GATEHOUSE_FEATURE_INLINE) | flag(prompt.completes, GATEHOUSE_FEATURE_COMPLETES),
                prompt.name, prompt.definition());
    }
    static std::uint32_t flag(bool set, std::uint32_t bit) { return set ? bit : 0u; }
    static void put(gatehouse_feature_sink out, std::uint32_t kind, std::uint32_t flags, std::string_view name,
                    const Json& definition) {
        const std::string text = definition.dump(-1, ' ', false, Json::error_handler_t::replace);
        const gatehouse_feature feature = {sizeof(feature), kind, flags, str(name), str(text)};
        out.put(out.ctx, &feature);
    }
    static void* createClient(void* self, const gatehouse_identity* identity, const gatehouse_credentials* credentials,
                              gatehouse_error_sink error) noexcept {
        auto& door = *static_cast<BackendDoor*>(self);
        const auto fail = [&](std::string_view cause) { error.put(error.ctx, 0, str(cause), {}); };
        try {
            auto client = door.plugin.createClient(border::identity(*identity), Credentials{view(credentials->bearer)});
            if (client) return new ClientDoor{door.host, std::move(client)};
            fail("createClient returned no client");
        } catch (const CallError& refusal) {
            error.put(error.ctx, refusal.code, str(refusal.message), str(refusal.dataJson));
        } catch (const std::exception& fault) {
            fail(fault.what());
        } catch (...) {
            fail("createClient threw something that is no std::exception");
        }
        return nullptr;
    }
    static void call(void* client, const gatehouse_call_request* request, const gatehouse_call_host* table) noexcept {
        try {
            CallHostSide context(table, request);
            context.answer(callGuarded(*static_cast<ClientDoor*>(client), request, context));
        } catch (...) { // no memory for the answer: without one, the host tells of an internal error
        }
    }
    static void interrupt(void* client) noexcept { static_cast<ClientDoor*>(client)->client->interrupt(); }
    static void close(void* client) noexcept { delete static_cast<ClientDoor*>(client); }
};

template <class Plugin>
const void* backendInterface(const char* id) noexcept {
    static_assert(std::is_base_of_v<Backend, Plugin>, "the class must derive from gatehouse::Backend");
    static_assert(std::is_constructible_v<Plugin, const Settings&, const Host&>,
                  "the class needs a constructor (const gatehouse::Settings&, const gatehouse::Host&)");
    using Door = BackendDoor<Plugin>;
    static const gatehouse_backend_v1 table = {sizeof(table),      create<Door>,  destroy<Door>, Door::describe,
                                               Door::createClient, Door::call,    Door::close,   Door::interrupt,
                                               identityGone<Door>, notReady<Door>};
    return std::string_view(id) == GATEHOUSE_BACKEND_1 ? &table : nullptr;
}

} // namespace gatehouse::door
