#include "plugin/plugin_backend.hpp"

#include <cstddef>

#include <gatehouse/border.hpp>

#include "plugin/feature_text.hpp"
#include "plugin/plugin_words.hpp"

namespace gatehouse {

namespace {

using border::str;
using border::view;

// One call's host table: collects the answer, passes on the rest.
struct CallDesk {
    CallContext& context;
    CallOutcome answer = CallError{-32603, "Internal error", ""};
    bool answered = false;

    // Without memory for the answer it stays what it was: an internal error.
    template <class Work>
    static void take(const Work& work) noexcept {
        try {
            work();
        } catch (const std::exception&) {
        }
    }
    static CallDesk& of(void* ctx) { return *static_cast<CallDesk*>(ctx); }
    static void result(void* ctx, gatehouse_str json) noexcept {
        CallDesk& desk = of(ctx);
        if (desk.answered) return;
        desk.answered = true;
        desk.take([&] { desk.answer = ToolResult::raw(border::copy(json)); });
    }
    static void error(void* ctx, std::int32_t code, gatehouse_str message, gatehouse_str data) noexcept {
        CallDesk& desk = of(ctx);
        if (desk.answered) return;
        desk.answered = true;
        desk.take([&] { desk.answer = CallError{code, border::copy(message), border::copy(data)}; });
    }
    static std::int32_t cancelled(void* ctx) noexcept { return of(ctx).context.cancelled() ? 1 : 0; }
    static void inputRequired(void* ctx, gatehouse_str requests) noexcept {
        CallDesk& desk = of(ctx);
        if (desk.answered) return;
        desk.answered = true;
        desk.take([&] { desk.answer = InputRequired::fromJson(view(requests)); });
    }
    static void message(void* ctx, std::int32_t level, gatehouse_str logger, gatehouse_str data) noexcept {
        constexpr auto most = static_cast<std::int32_t>(MessageLevel::emergency);
        take([&] {
            const Json json = Json::parse(view(data), nullptr, false);
            if (level < 0 || level > most || json.is_discarded()) return;
            of(ctx).context.message(static_cast<MessageLevel>(level), json, view(logger));
        });
    }
    static void releaseStream(void* ctx, std::uint32_t retryMs) noexcept {
        take([&] { of(ctx).context.releaseStream(std::chrono::milliseconds(retryMs)); });
    }
    static void becomeTask(void* ctx) noexcept {
        take([&] { of(ctx).context.becomeTask(); });
    }
    static void progress(void* ctx, double progress, double total, gatehouse_str message) noexcept {
        take([&] { of(ctx).context.progress(progress, total < 0 ? std::optional<double>() : total, view(message)); });
    }
};

class PluginClient final : public Client {
public:
    PluginClient(const gatehouse_backend_v1* table, void* client) : table_(table), client_(client) {}
    PluginClient(const PluginClient&) = delete;
    PluginClient& operator=(const PluginClient&) = delete;

    CallOutcome call(const CallRequest& request, CallContext& context) override {
        CallDesk desk{context};
        const gatehouse_call_request c = {sizeof(c),
                                          str(request.method),
                                          str(request.name),
                                          str(request.argumentsJson),
                                          str(request.metaJson),
                                          str(request.uri),
                                          str(context.answersJson()),
                                          str(context.clientCapabilitiesJson())};
        const gatehouse_call_host host = {sizeof(host),
                                          &desk,
                                          CallDesk::result,
                                          CallDesk::error,
                                          CallDesk::cancelled,
                                          CallDesk::progress,
                                          CallDesk::inputRequired,
                                          CallDesk::message,
                                          CallDesk::releaseStream,
                                          CallDesk::becomeTask};
        table_->client_call(client_, &c, &host);
        return std::move(desk.answer);
    }
    void interrupt() noexcept override { table_->client_interrupt(client_); }
    void close() noexcept override { table_->client_close(client_); }

private:
    const gatehouse_backend_v1* table_;
    void* client_;
};

// A library of abi 1.2 ends its table there.
constexpr std::size_t leastBackendTable = offsetof(gatehouse_backend_v1, client_close) + sizeof(void (*)(void*));

class PluginBackend final : public Backend {
public:
    PluginBackend(const Library& library, HostPort& port, const std::string& settingsJson)
        : services_(port, library.name()),
          table_(static_cast<const gatehouse_backend_v1*>(library.interface(GATEHOUSE_BACKEND_1))) {
        if (!GATEHOUSE_HAS_FIELD(table_, client_close))
            throw PluginRefused(library.file().string() + ": table of " + GATEHOUSE_BACKEND_1 + " has size " +
                                std::to_string(table_->size) + ", wanted at least " +
                                std::to_string(leastBackendTable));
        std::string error;
        self_ = table_->create(services_.table(), str(settingsJson), {&error, takeText});
        if (!self_) throw PluginSettingsRefused(library.file(), error);
    }
    ~PluginBackend() override { table_->destroy(self_); }
    PluginBackend(const PluginBackend&) = delete;
    PluginBackend& operator=(const PluginBackend&) = delete;

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
        std::string error;
        void* client = table_->create_client(self_, who.get(), &with, {&error, takeText});
        if (!client) throw std::runtime_error(error);
        return std::make_unique<PluginClient>(table_, client);
    }

    std::string notReady() const override {
        std::string why;
        if (GATEHOUSE_HAS_FIELD(table_, not_ready)) table_->not_ready(self_, {&why, takeText});
        return why;
    }

    void identityGone(std::string_view isolationKey) override { table_->identity_gone(self_, str(isolationKey)); }

private:
    struct Wanted {
        std::uint32_t kind;
        std::vector<FeatureText> found;
    };
    // The features of one kind. Read after describe has returned, so that nothing is thrown through the border.
    template <class Feature>
    std::vector<Feature> described(std::uint32_t kind, Feature (*from)(const FeatureText&)) const {
        Wanted wanted{kind, {}};
        table_->describe(self_,
                         {&wanted, [](void* ctx, const gatehouse_feature* c) {
                              auto& into = *static_cast<Wanted*>(ctx);
                              if (c->kind != into.kind) return;
                              into.found.push_back({border::copy(c->name), border::copy(c->definition_json), c->flags});
                          }});
        std::vector<Feature> out;
        for (const FeatureText& text : wanted.found) out.push_back(from(text));
        return out;
    }

    HostServices services_;
    const gatehouse_backend_v1* table_;
    void* self_ = nullptr;
};

} // namespace

std::unique_ptr<Backend> makePluginBackend(const Library& library, HostPort& port, const std::string& settingsJson) {
    return std::make_unique<PluginBackend>(library, port, settingsJson);
}

} // namespace gatehouse
