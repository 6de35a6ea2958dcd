#include "plugin/plugin_backend.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

#include <gatehouse/border.hpp>

#include "plugin/feature_text.hpp"
#include "plugin/plugin_handle.hpp"
#include "plugin/plugin_words.hpp"
#include "plugin/table_check.hpp"

namespace gatehouse {

namespace {

using border::str;
using border::view;

// One call's host table: collects the answer, of which the first counts, and passes on the rest.
struct CallCollector {
    CallContext& context;
    CallOutcome answer = CallError{-32603, "Internal error", ""};
    bool isAnswered = false;
    const char* fault = nullptr; // what the plugin did wrong

    // Without memory for the answer it stays what it was: an internal error.
    template <class Work>
    static void attempt(const Work& work) noexcept {
        try {
            work();
        } catch (const std::exception&) {
        }
    }
    static CallCollector& of(void* ctx) { return *static_cast<CallCollector*>(ctx); }
    template <class Make>
    static void accept(void* ctx, const Make& make) noexcept {
        CallCollector& collector = of(ctx);
        if (std::exchange(collector.isAnswered, true)) return void(collector.fault = "two answers");
        attempt([&] { collector.answer = make(); });
    }
    static void result(void* ctx, gatehouse_str json) noexcept {
        accept(ctx, [&] { return Result::raw(copyWithRoom(json)); });
    }
    // Whoever reads it wants to look past its end, and would copy it once more.
    static std::string copyWithRoom(gatehouse_str json) {
        constexpr std::size_t room = 64;
        std::string text;
        text.reserve(json.size + room);
        text.append(view(json)); // returned by itself it would be copied, without the room
        return text;
    }
    static void error(void* ctx, std::int32_t code, gatehouse_str message, gatehouse_str data) noexcept {
        accept(ctx, [&] { return CallError{code, border::copy(message), checkedData(of(ctx), data)}; });
    }
    // It goes to the wire as it is.
    static std::string checkedData(CallCollector& collector, gatehouse_str data) {
        if (data.size == 0 || Json::accept(view(data))) return border::copy(data);
        collector.fault = "error data that is not JSON";
        return {};
    }
    static std::int32_t cancelled(void* ctx) noexcept { return of(ctx).context.cancelled() ? 1 : 0; }
    static void inputRequired(void* ctx, gatehouse_str requests) noexcept {
        accept(ctx, [&] { return InputRequired::fromJson(view(requests)); });
    }
    static void message(void* ctx, std::int32_t level, gatehouse_str logger, gatehouse_str data) noexcept {
        constexpr auto most = static_cast<std::int32_t>(MessageLevel::emergency);
        attempt([&] {
            const Json json = Json::parse(view(data), nullptr, false);
            if (level < 0 || level > most || json.is_discarded()) return;
            of(ctx).context.message(static_cast<MessageLevel>(level), json, view(logger));
        });
    }
    static void releaseStream(void* ctx, std::uint32_t retryMs) noexcept {
        attempt([&] { of(ctx).context.releaseStream(std::chrono::milliseconds(retryMs)); });
    }
    static void becomeTask(void* ctx) noexcept {
        attempt([&] { of(ctx).context.becomeTask(); });
    }
    static void progress(void* ctx, double progress, double total, gatehouse_str message) noexcept {
        attempt(
            [&] { of(ctx).context.progress(progress, total < 0 ? std::optional<double>() : total, view(message)); });
    }
};

class PluginClient final : public Client {
public:
    PluginClient(const gatehouse_backend_v1* table, const HostServices& services, void* client)
        : table_(table), services_(services), client_(client) {}
    ~PluginClient() override {
        services_.guarded("client_close", [&] { table_->client_close(client_); });
    }
    PluginClient(const PluginClient&) = delete;
    PluginClient& operator=(const PluginClient&) = delete;

    CallOutcome call(const CallRequest& request, CallContext& context) override {
        CallCollector collector{context};
        const gatehouse_call_request c = {sizeof(c),
                                          str(request.method),
                                          str(request.name),
                                          str(request.argumentsJson),
                                          str(request.metaJson),
                                          str(request.uri),
                                          str(context.answersJson()),
                                          str(context.clientCapabilitiesJson())};
        const gatehouse_call_host host = {sizeof(host),
                                          &collector,
                                          CallCollector::result,
                                          CallCollector::error,
                                          CallCollector::cancelled,
                                          CallCollector::progress,
                                          CallCollector::inputRequired,
                                          CallCollector::message,
                                          CallCollector::releaseStream,
                                          CallCollector::becomeTask};
        services_.guarded("client_call", [&] { table_->client_call(client_, &c, &host); });
        if (!collector.isAnswered) collector.fault = "no answer";
        if (collector.fault) services_.reportFault("client_call", collector.fault);
        return std::move(collector.answer);
    }
    void interrupt() noexcept override {
        if (table_->client_interrupt) services_.guarded("client_interrupt", [&] { table_->client_interrupt(client_); });
    }

private:
    const gatehouse_backend_v1* table_;
    const HostServices& services_;
    void* client_;
};

const gatehouse_backend_v1* backendTableOf(const Library& library) {
    constexpr const char* id = GATEHOUSE_BACKEND_1;
    const auto* table = static_cast<const gatehouse_backend_v1*>(library.interface(id));
    requireSize(library, id, table->size, GATEHOUSE_BACKEND_SIZE_1_0);
    requireFunctions(library, id,
                     {{"create", table->create != nullptr},
                      {"destroy", table->destroy != nullptr},
                      {"describe", table->describe != nullptr},
                      {"create_client", table->create_client != nullptr},
                      {"client_call", table->client_call != nullptr},
                      {"client_close", table->client_close != nullptr}});
    return table;
}

// The error of create_client: the first counts.
struct ClientRefusal {
    CallError error{0, "", ""};
    bool isAnswered = false;

    static void put(void* ctx, std::int32_t code, gatehouse_str message, gatehouse_str data) noexcept {
        auto& refusal = *static_cast<ClientRefusal*>(ctx);
        if (std::exchange(refusal.isAnswered, true)) return;
        try {
            const bool isJson = data.size == 0 || Json::accept(view(data));
            refusal.error = {code, border::copy(message), isJson ? border::copy(data) : std::string()};
        } catch (const std::exception&) { // no memory: it stays an internal error
        }
    }
};

class PluginBackend final : public Backend {
public:
    PluginBackend(const Library& library, HostDeps& deps, const std::string& settingsJson)
        : library_(library), services_(deps, library.name()), table_(backendTableOf(library)),
          self_(madePlugin(library, services_, *table_, settingsJson)) {}

    std::vector<Tool> tools() const override { return described<Tool>(GATEHOUSE_FEATURE_TOOL, toolFrom); }
    std::vector<Resource> resources() const override {
        return described<Resource>(GATEHOUSE_FEATURE_RESOURCE, resourceFrom);
    }
    std::vector<ResourceTemplate> resourceTemplates() const override {
        return described<ResourceTemplate>(GATEHOUSE_FEATURE_RESOURCE_TEMPLATE, resourceTemplateFrom);
    }
    std::vector<Prompt> prompts() const override { return described<Prompt>(GATEHOUSE_FEATURE_PROMPT, promptFrom); }

    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override {
        const border::IdentityView who(identity);
        const gatehouse_credentials with = {sizeof(with), str(credentials.bearer)};
        ClientRefusal refusal;
        void* client = nullptr;
        services_.guarded("create_client", [&] {
            client = table_->create_client(self_.get(), who.get(), &with, {&refusal, ClientRefusal::put});
        });
        if (client) return std::make_unique<PluginClient>(table_, services_, client);
        if (refusal.error.code != 0) throw refusal.error;
        throw std::runtime_error(refusal.error.message.empty() ? "create_client gave no cause" : refusal.error.message);
    }

    std::string notReady() const override {
        std::string detail;
        if (table_->not_ready)
            services_.guarded("not_ready", [&] { table_->not_ready(self_.get(), {&detail, putText}); });
        return detail;
    }

    void identityGone(std::string_view isolationKey) override {
        if (table_->identity_gone)
            services_.guarded("identity_gone", [&] { table_->identity_gone(self_.get(), str(isolationKey)); });
    }

private:
    struct Described {
        std::uint32_t kind;
        std::vector<FeatureText> features;
        std::string error;

        static void put(void* ctx, const gatehouse_feature* c) noexcept {
            auto& into = *static_cast<Described*>(ctx);
            try {
                if (!c || c->size < GATEHOUSE_FEATURE_SIZE_1_0) into.error = "a feature that is null, or too small";
                else if (c->kind == into.kind)
                    into.features.push_back({border::copy(c->name), border::copy(c->definition_json), c->flags});
            } catch (const std::exception&) {
                into.error = "no memory";
            }
        }
    };
    // The features of one kind. Read after describe has returned, so that nothing is thrown through the border.
    template <class Feature>
    std::vector<Feature> described(std::uint32_t kind, Feature (*from)(const FeatureText&)) const {
        Described said{kind, {}, ""};
        startCall(library_, services_, "describe", [&] {
            table_->describe(self_.get(), {&said, Described::put}, {&said.error, putText});
        });
        if (!said.error.empty()) throw PluginError(library_.file().string() + ": describe: " + said.error);
        std::vector<Feature> out;
        for (const FeatureText& text : said.features) out.push_back(from(text));
        return out;
    }

    const Library library_;
    HostServices services_;
    const gatehouse_backend_v1* const table_;
    const PluginHandle self_;
};

} // namespace

std::unique_ptr<Backend> makePluginBackend(const Library& library, HostDeps& deps, const std::string& settingsJson) {
    return std::make_unique<PluginBackend>(library, deps, settingsJson);
}

} // namespace gatehouse
