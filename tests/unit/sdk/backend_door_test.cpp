// The wrapper behind GATEHOUSE_BACKEND: tools, clients and calls, seen through the C border.
#include <gatehouse/plugin.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <vector>

using namespace gatehouse;

namespace {

std::string said; // what the client below was asked, in order
bool toolsThrow = false;

class TalkingClient final : public Client {
public:
    CallOutcome call(const CallRequest& request, CallContext& context) override {
        said += "call;";
        if (request.name == "throw") throw std::runtime_error("inside");
        if (request.name == "throw int") throw 42;
        if (request.name == "error") return CallError{-32602, "wrong", R"({"d":1})"};
        context.progress(1, {}, "on the way");
        context.progress(2, 2.0);
        return ToolResult::text(std::string(request.method) + "|" + std::string(request.argumentsJson) + "|" +
                                std::string(request.metaJson) + "|" + (context.cancelled() ? "cancelled" : "wanted"));
    }
    void interrupt() noexcept override { said += "interrupt;"; }
    void close() noexcept override { said += "close;"; }
    ~TalkingClient() override { said += "gone;"; }
};

class TalkingBackend final : public Backend {
public:
    TalkingBackend(const Settings&, const Host&) {}
    std::vector<Tool> tools() const override {
        Tool first, second;
        first.name = "one";
        first.runsInline = true;
        second.name = "two";
        second.description = "not UTF-8: \xff";
        if (toolsThrow) throw std::runtime_error("no tools today");
        return {first, second};
    }
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override {
        said += "create " + identity.subject + " " + std::string(credentials.bearer) + ";";
        if (identity.subject == "nobody") return nullptr;
        if (identity.subject == "throw") throw std::runtime_error("no client for you");
        if (identity.subject == "throw int") throw 42;
        return std::make_unique<TalkingClient>();
    }
    void identityGone(std::string_view key) override { said += "gone " + std::string(key) + ";"; }
};

struct FakeCall {
    std::vector<std::string> told;
    gatehouse_call_host table{sizeof(gatehouse_call_host), this, result, error, cancelled, progress};

    static std::vector<std::string>& self(void* ctx) { return static_cast<FakeCall*>(ctx)->told; }
    static void result(void* ctx, gatehouse_str json) { self(ctx).push_back("result " + border::copy(json)); }
    static void error(void* ctx, std::int32_t code, gatehouse_str message, gatehouse_str data) {
        self(ctx).push_back("error " + std::to_string(code) + " " + border::copy(message) + " " + border::copy(data));
    }
    static std::int32_t cancelled(void*) { return 1; }
    static void progress(void* ctx, double progress, double total, gatehouse_str message) {
        self(ctx).push_back("progress " + std::to_string(static_cast<int>(progress)) + "/" +
                            std::to_string(static_cast<int>(total)) + " " + border::copy(message));
    }
};

// A backend behind its door.
struct Behind {
    const gatehouse_backend_v1& table =
        *static_cast<const gatehouse_backend_v1*>(door::backendInterface<TalkingBackend>(GATEHOUSE_BACKEND_1));
    std::vector<std::string> logged;
    gatehouse_host host{sizeof(gatehouse_host),
                        this,
                        [](void* ctx, std::int32_t, gatehouse_str text) {
                            static_cast<Behind*>(ctx)->logged.push_back(border::copy(text));
                        },
                        nullptr,
                        nullptr,
                        nullptr};
    std::string error;
    gatehouse_sink sink{this,
                        [](void* ctx, gatehouse_str text) { static_cast<Behind*>(ctx)->error = border::copy(text); }};
    void* backend = table.create(&host, border::str("{}"), sink);

    Behind() { said.clear(); }
    ~Behind() { table.destroy(backend); }
    void* client(const std::string& subject) {
        Identity identity;
        identity.subject = subject;
        const border::IdentityView view(identity);
        const gatehouse_credentials credentials{sizeof(credentials), border::str("exchanged")};
        return table.create_client(backend, view.get(), &credentials, sink);
    }
    std::vector<std::string> call(void* client, const std::string& name) const {
        FakeCall call;
        const gatehouse_call_request request{sizeof(request), border::str("tools/call"), border::str(name),
                                             border::str("{}"), border::str("{\"m\":1}")};
        table.client_call(client, &request, &call.table);
        return call.told;
    }
};

} // namespace

TEST_CASE("each tool is described once, with its flags") {
    Behind behind;
    std::vector<std::string> seen;
    behind.table.describe(behind.backend,
                          {&seen, [](void* ctx, const gatehouse_feature* feature) {
                               static_cast<std::vector<std::string>*>(ctx)->push_back(
                                   border::copy(feature->name) + " " + std::to_string(feature->flags) + " " +
                                   Json::parse(border::view(feature->definition_json))["name"].get<std::string>());
                           }});
    CHECK(seen == std::vector<std::string>{"one 1 one", "two 0 two"});
    CHECK(door::backendInterface<TalkingBackend>(GATEHOUSE_TOKEN_VALIDATOR_1) == nullptr);
}

TEST_CASE("tools that throw are told, not thrown") {
    Behind behind;
    int seen = 0;
    toolsThrow = true;
    behind.table.describe(behind.backend,
                          {&seen, [](void* ctx, const gatehouse_feature*) { ++*static_cast<int*>(ctx); }});
    toolsThrow = false;
    CHECK(seen == 0);
    CHECK(behind.logged == std::vector<std::string>{"tools threw: no tools today"});
}

TEST_CASE("a client is made for an identity, called, interrupted, closed once and gone") {
    Behind behind;
    void* client = behind.client("alice");
    REQUIRE(client);
    CHECK(
        behind.call(client, "one") ==
        std::vector<std::string>{"progress 1/-1 on the way", "progress 2/2 ",
                                 R"(result {"content":[{"type":"text","text":"tools/call|{}|{\"m\":1}|cancelled"}]})"});
    behind.table.client_interrupt(client);
    behind.table.client_close(client);
    behind.table.identity_gone(behind.backend, border::str("key"));
    CHECK(said == "create alice exchanged;call;interrupt;close;gone;gone key;");
}

TEST_CASE("a client that cannot be made is told, not thrown") {
    for (const auto& [subject, told] : std::vector<std::pair<std::string, std::string>>{
             {"nobody", "createClient returned no client"},
             {"throw", "no client for you"},
             {"throw int", "createClient threw something that is no std::exception"}}) {
        DYNAMIC_SECTION(subject) {
            Behind behind;
            CHECK(behind.client(subject) == nullptr);
            CHECK(behind.error == told);
        }
    }
}

TEST_CASE("a call that throws answers an error without its text; the text is for the log") {
    for (const auto& [name, logged] : std::vector<std::pair<std::string, std::string>>{
             {"throw", "call threw: inside"}, {"throw int", "call threw something that is no std::exception"}}) {
        DYNAMIC_SECTION(name) {
            Behind behind;
            void* client = behind.client("alice");
            CHECK(behind.call(client, name) == std::vector<std::string>{"error -32603 Internal error "});
            CHECK(behind.logged == std::vector<std::string>{logged});
            behind.table.client_close(client);
        }
    }
}

TEST_CASE("a call's own error keeps its code, message and data") {
    Behind behind;
    void* client = behind.client("alice");
    CHECK(behind.call(client, "error") == std::vector<std::string>{R"(error -32602 wrong {"d":1})"});
    behind.table.client_close(client);
}
