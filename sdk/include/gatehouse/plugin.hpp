// The macros that turn a C++ class into a plugin, and the wrapper behind them. Authors need only this:
//
//     class MyValidator : public gatehouse::TokenValidator {
//     public:
//         MyValidator(const gatehouse::Settings& settings, const gatehouse::Host& host);
//         gatehouse::Verdict validate(const gatehouse::TokenRequest& request) override;
//     };
//     GATEHOUSE_TOKEN_VALIDATOR(MyValidator, "my_validator", "1.0.0")
//
// The constructor checks every setting and throws SettingsError (or any std::exception) to refuse to start.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>

#include <gatehouse/abi.h>
#include <gatehouse/backend.hpp>
#include <gatehouse/border.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/settings.hpp>
#include <gatehouse/token_validator.hpp>

namespace gatehouse::door {

using border::str;
using border::view;

// The host's table seen as the SDK's Host.
class HostSide final : public Host {
public:
    explicit HostSide(const gatehouse_host* table) : table_(table) {}
    void log(LogLevel level, std::string_view message) const override {
        table_->log(table_->ctx, static_cast<std::int32_t>(level), str(message));
    }
    WallTime now() const override { return border::time(table_->now_ms(table_->ctx)); }
    TokenLookup findToken(const Sha256& digest) const override {
        TokenRecord record;
        const auto found = [](void* ctx, const gatehouse_token_record* c) noexcept {
            auto& out = *static_cast<TokenRecord*>(ctx);
            out.id = border::copy(c->id);
            out.note = border::copy(c->note);
            out.database = border::copy(c->database);
            out.createdAt = border::time(c->created_at_ms);
            out.expiresAt = border::time(c->expires_at_ms);
        };
        const std::int32_t answer = table_->find_token(table_->ctx, digest.data(), &record, found);
        if (answer > 0) return record;
        if (answer == 0) return TokenUnknown{};
        return TokenStoreDown{};
    }
    void dropVerdicts(std::string_view isolationKey) const override {
        table_->drop_verdicts(table_->ctx, str(isolationKey));
    }
    void notify(Change change, std::string_view uri) const override {
        if (GATEHOUSE_HAS_FIELD(table_, notify))
            table_->notify(table_->ctx, static_cast<std::int32_t>(change), str(uri));
    }

private:
    const gatehouse_host* table_;
};

inline void tell(gatehouse_sink sink, std::string_view text) { sink.put(sink.ctx, str(text)); }

// Makes a door, turning whatever its constructor throws into a text for the host.
template <class Door>
void* create(const gatehouse_host* host, gatehouse_str settings, gatehouse_sink error) noexcept {
    try {
        return new Door(host, Settings(Json::parse(view(settings))));
    } catch (const std::exception& fault) {
        tell(error, fault.what());
    } catch (...) {
        tell(error, "the constructor threw something that is no std::exception");
    }
    return nullptr;
}

template <class Door>
void destroy(void* self) noexcept {
    delete static_cast<Door*>(self);
}

template <class Door>
void identityGone(void* self, gatehouse_str isolationKey) noexcept {
    try {
        static_cast<Door*>(self)->plugin.identityGone(view(isolationKey));
    } catch (...) {
        static_cast<Door*>(self)->host.log(LogLevel::error, "identityGone threw");
    }
}

// --- validators -------------------------------------------------------------------------------------------------

inline void putVerdict(gatehouse_verdict_sink out, const Verdict& verdict) {
    gatehouse_verdict c{};
    c.size = sizeof(c);
    if (const auto* yes = std::get_if<Accepted>(&verdict)) {
        const border::IdentityView identity(yes->identity);
        c.kind = GATEHOUSE_ACCEPT;
        c.identity = identity.get();
        c.cache_vary_by = yes->cache.varyBy;
        c.cache_until_ms = border::millis(yes->cache.until);
        out.put(out.ctx, &c);
        return;
    }
    if (const auto* no = std::get_if<Rejected>(&verdict)) {
        c.kind = GATEHOUSE_REJECT;
        c.reason = static_cast<std::uint32_t>(no->reason);
        c.detail = str(no->detail);
        c.cache_vary_by = no->cache.varyBy;
        c.cache_until_ms = border::millis(no->cache.until);
        out.put(out.ctx, &c);
        return;
    }
    const auto& later = std::get<Unavailable>(verdict);
    c.kind = GATEHOUSE_UNAVAILABLE;
    c.detail = str(later.detail);
    c.retry_after_s = static_cast<std::uint32_t>(later.retryAfter.count());
    out.put(out.ctx, &c);
}

inline TokenRequest tokenRequest(const gatehouse_token_request& c) {
    TokenRequest request{
        view(c.token), view(c.scheme), view(c.method), view(c.url), view(c.peer), view(c.certificate), {}, {}};
    for (std::size_t i = 0; i < request.tokenSha256.size(); ++i) request.tokenSha256[i] = c.token_sha256[i];
    request.headers.reserve(c.field_count);
    for (std::size_t i = 0; i < c.field_count; ++i)
        request.headers.push_back({view(c.fields[i].name), view(c.fields[i].value)});
    return request;
}

template <class Validator>
struct ValidatorDoor {
    HostSide host;
    Validator plugin;

    ValidatorDoor(const gatehouse_host* table, const Settings& settings) : host(table), plugin(settings, host) {}

    static void traits(void* self, void* ctx, void (*put)(void*, const gatehouse_validator_traits*)) noexcept {
        const ValidatorTraits traits = static_cast<ValidatorDoor*>(self)->plugin.traits();
        gatehouse_validator_traits c{};
        c.size = sizeof(c);
        c.flags = traits.runsInline ? std::uint32_t{GATEHOUSE_VALIDATOR_INLINE} : 0u;
        c.header = str(traits.header);
        c.scheme = str(traits.scheme);
        put(ctx, &c);
    }
    static void validate(void* self, const gatehouse_token_request* request, gatehouse_verdict_sink out) noexcept {
        auto& door = *static_cast<ValidatorDoor*>(self);
        try {
            putVerdict(out, door.plugin.validate(tokenRequest(*request)));
        } catch (const std::exception& fault) { // without a verdict, the host takes it as unavailable
            door.host.log(LogLevel::error, "validate threw:");
            door.host.log(LogLevel::error, fault.what());
        } catch (...) {
            door.host.log(LogLevel::error, "validate threw something that is no std::exception");
        }
    }
};

template <class Validator>
const void* validatorInterface(const char* id) noexcept {
    static_assert(std::is_base_of_v<TokenValidator, Validator>, "the class must derive from gatehouse::TokenValidator");
    static_assert(std::is_constructible_v<Validator, const Settings&, const Host&>,
                  "the class needs a constructor (const gatehouse::Settings&, const gatehouse::Host&)");
    using Door = ValidatorDoor<Validator>;
    static const gatehouse_token_validator_v1 table = {sizeof(table),  create<Door>,       Door::traits,
                                                       Door::validate, identityGone<Door>, destroy<Door>};
    return std::string_view(id) == GATEHOUSE_TOKEN_VALIDATOR_1 ? &table : nullptr;
}

// --- backends ---------------------------------------------------------------------------------------------------

class CallHostSide final : public CallContext {
public:
    CallHostSide(const gatehouse_call_host* table, const gatehouse_call_request* request)
        : table_(table), request_(request) {}
    bool cancelled() const override { return table_->cancelled(table_->ctx) != 0; }
    void progress(double progress, std::optional<double> total, std::string_view message) override {
        table_->progress(table_->ctx, progress, total.value_or(-1), str(message));
    }
    void message(MessageLevel level, const Json& data, std::string_view logger) override {
        if (!GATEHOUSE_HAS_FIELD(table_, message)) return;
        const std::string text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
        table_->message(table_->ctx, static_cast<std::int32_t>(level), str(logger), str(text));
    }
    void releaseStream(std::chrono::milliseconds retry) override {
        if (!GATEHOUSE_HAS_FIELD(table_, release_stream)) return;
        table_->release_stream(table_->ctx, static_cast<std::uint32_t>(retry.count()));
    }
    void becomeTask() override {
        if (GATEHOUSE_HAS_FIELD(table_, become_task)) table_->become_task(table_->ctx);
    }
    void answer(const CallOutcome& outcome) {
        if (const auto* result = std::get_if<Result>(&outcome)) return table_->result(table_->ctx, str(result->json()));
        if (const auto* error = std::get_if<CallError>(&outcome)) return fail(*error);
        if (!GATEHOUSE_HAS_FIELD(table_, input_required))
            return fail({-32603, "This server cannot ask its clients", ""});
        table_->input_required(table_->ctx, str(std::get<InputRequired>(outcome).json()));
    }

    std::string_view answersJson() const override {
        return GATEHOUSE_HAS_FIELD(request_, answers_json) ? view(request_->answers_json) : "{}";
    }
    std::string_view clientCapabilitiesJson() const override {
        return GATEHOUSE_HAS_FIELD(request_, client_capabilities_json) ? view(request_->client_capabilities_json)
                                                                       : "{}";
    }

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
        const std::string_view uri = GATEHOUSE_HAS_FIELD(c, uri) ? view(c->uri) : std::string_view();
        return door.client->call({view(c->method), view(c->name), view(c->arguments_json), view(c->meta_json), uri},
                                 context);
    } catch (InputRequired& asked) {
        return std::move(asked);
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

    static void describe(void* self, gatehouse_feature_sink out) noexcept {
        auto& door = *static_cast<BackendDoor*>(self);
        try {
            door.describeTo(out);
        } catch (const std::exception& fault) {
            door.host.log(LogLevel::error, std::string("tools threw: ") + fault.what());
        } catch (...) {
            door.host.log(LogLevel::error, "tools threw something that is no std::exception");
        }
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
                              gatehouse_sink error) noexcept {
        auto& door = *static_cast<BackendDoor*>(self);
        try {
            auto client = door.plugin.createClient(border::identity(*identity), Credentials{view(credentials->bearer)});
            if (client) return new ClientDoor{door.host, std::move(client)};
            tell(error, "createClient returned no client");
        } catch (const std::exception& fault) {
            tell(error, fault.what());
        } catch (...) {
            tell(error, "createClient threw something that is no std::exception");
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
    static void close(void* client) noexcept {
        const std::unique_ptr<ClientDoor> door(static_cast<ClientDoor*>(client));
        door->client->close();
    }
};

template <class Plugin>
const void* backendInterface(const char* id) noexcept {
    static_assert(std::is_base_of_v<Backend, Plugin>, "the class must derive from gatehouse::Backend");
    static_assert(std::is_constructible_v<Plugin, const Settings&, const Host&>,
                  "the class needs a constructor (const gatehouse::Settings&, const gatehouse::Host&)");
    using Door = BackendDoor<Plugin>;
    static const gatehouse_backend_v1 table = {sizeof(table),      create<Door>,    Door::describe,
                                               identityGone<Door>, destroy<Door>,   Door::createClient,
                                               Door::call,         Door::interrupt, Door::close};
    return std::string_view(id) == GATEHOUSE_BACKEND_1 ? &table : nullptr;
}

} // namespace gatehouse::door

#define GATEHOUSE_EXPORT_PLUGIN(pluginName, pluginVersion, interfaceIds, interfaceFunction)                \
    extern "C" __attribute__((visibility("default"))) const gatehouse_plugin_table gatehouse_plugin_entry; \
    const gatehouse_plugin_table gatehouse_plugin_entry = {                                                \
        GATEHOUSE_ABI_MAGIC, GATEHOUSE_ABI_MAJOR, GATEHOUSE_ABI_MINOR, sizeof(gatehouse_plugin_table),     \
        pluginName,          pluginVersion,       interfaceIds,        interfaceFunction};

#define GATEHOUSE_TOKEN_VALIDATOR(Class, pluginName, pluginVersion)                 \
    GATEHOUSE_EXPORT_PLUGIN(pluginName, pluginVersion, GATEHOUSE_TOKEN_VALIDATOR_1, \
                            ::gatehouse::door::validatorInterface<Class>)

#define GATEHOUSE_BACKEND(Class, pluginName, pluginVersion) \
    GATEHOUSE_EXPORT_PLUGIN(pluginName, pluginVersion, GATEHOUSE_BACKEND_1, ::gatehouse::door::backendInterface<Class>)
