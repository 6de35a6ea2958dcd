// The wrapper behind GATEHOUSE_BACKEND: tools, clients and calls, seen through the C border.
#include <gatehouse/plugin.hpp>

#include <catch2/catch.hpp>

#include <chrono>
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
        if (request.name == "ask") {
            context.message(MessageLevel::warning, {{"a", 1}}, "mine");
            context.releaseStream(std::chrono::milliseconds(7));
            context.becomeTask();
            const Json answer = context.ask(rootsList("roots"));
            return Result::text(answer.dump() + (context.clientCan("roots") ? " can" : " cannot"));
        }
        if (request.name == "read") return Result::text(request.uri);
        if (request.name == "throw error") throw CallError{-32602, "wrong", R"({"d":1})"};
        if (request.name == "error") return CallError{-32602, "wrong", R"({"d":1})"};
        context.progress(1, {}, "on the way");
        context.progress(2, 2.0);
        return Result::text(std::string(request.method) + "|" + std::string(request.argumentsJson) + "|" +
                            std::string(request.metaJson) + "|" + (context.cancelled() ? "cancelled" : "expected"));
    }
    void interrupt() noexcept override { said += "interrupt;"; }
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
    std::vector<Resource> resources() const override { return {{"test://r", "r", "", "", "", {}, true}}; }
    std::vector<ResourceTemplate> resourceTemplates() const override {
        return {{"test://{x}", "x", "", "", "", {}, false, true}};
    }
    std::vector<Prompt> prompts() const override { return {{"p", "", "", {{"a", ""}}, {}, true, true}}; }
    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials& credentials) override {
        said += "create " + identity.subject + " " + std::string(credentials.bearer) + ";";
        if (identity.subject == "nobody") return nullptr;
        if (identity.subject == "busy") throw CallError{-32050, "come back later", R"({"seconds":5})"};
        if (identity.subject == "throw") throw std::runtime_error("no client for you");
        if (identity.subject == "throw int") throw 42;
        return std::make_unique<TalkingClient>();
    }
    void identityGone(std::string_view key) override { said += "gone " + std::string(key) + ";"; }
};

struct FakeCall {
    std::vector<std::string> told;
    gatehouse_call_host table{sizeof(gatehouse_call_host),
                              this,
                              result,
                              error,
                              cancelled,
                              progress,
                              inputRequired,
                              message,
                              release,
                              becomeTask};

    static std::vector<std::string>& self(void* ctx) { return static_cast<FakeCall*>(ctx)->told; }
    static void result(void* ctx, gatehouse_str json) { self(ctx).push_back("result " + border::copy(json)); }
    static void error(void* ctx, std::int32_t code, gatehouse_str message, gatehouse_str data) {
        self(ctx).push_back("error " + std::to_string(code) + " " + border::copy(message) + " " + border::copy(data));
    }
    static std::int32_t cancelled(void*) { return 1; }
    static void inputRequired(void* ctx, gatehouse_str requests) {
        self(ctx).push_back("asks " + border::copy(requests));
    }
    static void message(void* ctx, std::int32_t level, gatehouse_str logger, gatehouse_str data) {
        self(ctx).push_back("message " + std::to_string(level) + " " + border::copy(logger) + " " + border::copy(data));
    }
    static void release(void* ctx, std::uint32_t retryMs) { self(ctx).push_back("release " + std::to_string(retryMs)); }
    static void becomeTask(void* ctx) { self(ctx).push_back("task"); }
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
        return table.create_client(backend, view.get(), &credentials,
                                   {this, [](void* ctx, std::int32_t code, gatehouse_str message, gatehouse_str data) {
                                        static_cast<Behind*>(ctx)->error =
                                            std::to_string(code) + " " + border::copy(message) + border::copy(data);
                                    }});
    }
    std::vector<std::string> call(void* client, const std::string& name, const std::string& answers = "{}") const {
        FakeCall call;
        gatehouse_call_request request{sizeof(request),      border::str("tools/call"),     border::str(name),
                                       border::str("{}"),    border::str("{\"m\":1}"),      border::str("test://r"),
                                       border::str(answers), border::str(R"({"roots":{}})")};
        table.client_call(client, &request, &call.table);
        return call.told;
    }
};

} // namespace

TEST_CASE("each feature is described once, with its kind and flags") {
    Behind behind;
    std::vector<std::string> seen;
    behind.table.describe(behind.backend,
                          {&seen,
                           [](void* ctx, const gatehouse_feature* feature) {
                               static_cast<std::vector<std::string>*>(ctx)->push_back(
                                   std::to_string(feature->kind) + " " + border::copy(feature->name) + " " +
                                   std::to_string(feature->flags) + " " +
                                   Json::parse(border::view(feature->definition_json))["name"].get<std::string>());
                           }},
                          behind.sink);
    CHECK(behind.error.empty());
    CHECK(seen ==
          std::vector<std::string>{"1 one 1 one", "1 two 0 two", "2 test://r 1 r", "3 test://{x} 2 x", "4 p 3 p"});
    CHECK(door::backendInterface<TalkingBackend>(GATEHOUSE_TOKEN_VALIDATOR_1) == nullptr);
}

TEST_CASE("tools that throw are told, not thrown") {
    Behind behind;
    int seen = 0;
    toolsThrow = true;
    behind.table.describe(behind.backend,
                          {&seen, [](void* ctx, const gatehouse_feature*) { ++*static_cast<int*>(ctx); }}, behind.sink);
    toolsThrow = false;
    CHECK(seen == 0);
    CHECK(behind.error == "no tools today");
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
    CHECK(said == "create alice exchanged;call;interrupt;gone;gone key;");
}

TEST_CASE("a client that cannot be made is told, not thrown") {
    for (const auto& [subject, told] : std::vector<std::pair<std::string, std::string>>{
             {"nobody", "0 createClient returned no client"},
             {"busy", R"(-32050 come back later{"seconds":5})"},
             {"throw", "0 no client for you"},
             {"throw int", "0 createClient threw something that is no std::exception"}}) {
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

TEST_CASE("a call's own error keeps its code, message and data, returned or thrown") {
    Behind behind;
    void* client = behind.client("alice");
    CHECK(behind.call(client, "error") == std::vector<std::string>{R"(error -32602 wrong {"d":1})"});
    CHECK(behind.call(client, "throw error") == std::vector<std::string>{R"(error -32602 wrong {"d":1})"});
    CHECK(behind.logged.empty());
    behind.table.client_close(client);
}

TEST_CASE("a call asks through the border, and is made again with the answer") {
    Behind behind;
    void* client = behind.client("alice");
    const std::vector<std::string> before{R"(message 3 mine {"a":1})", "release 7", "task"};
    std::vector<std::string> asked = before, answered = before;
    asked.push_back(R"(asks {"roots":{"method":"roots/list","params":{}}})");
    answered.push_back(R"(result {"content":[{"type":"text","text":"{\"roots\":[]} can"}]})");
    CHECK(behind.call(client, "ask") == asked);
    CHECK(behind.call(client, "ask", R"({"roots":{"roots":[]}})") == answered);
    CHECK(behind.logged.empty());
    behind.table.client_close(client);
}

TEST_CASE("what a resource's read names comes through the border") {
    Behind behind;
    void* client = behind.client("alice");
    CHECK(behind.call(client, "read") ==
          std::vector<std::string>{R"(result {"content":[{"type":"text","text":"test://r"}]})"});
    behind.table.client_close(client);
}
