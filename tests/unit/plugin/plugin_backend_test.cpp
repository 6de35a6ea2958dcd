#include "plugin/plugin_backend.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

#include <sys/stat.h>
#include <catch2/catch.hpp>
#include <gatehouse/json.hpp>

#include "support/forked.hpp"
#include "support/manual_loop.hpp"
#include "support/plugin_host.hpp"
#include "support/scratch_folder.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string everything = TEST_LIBRARIES "/gatehouse/gatehouse_backend_everything.so";
const std::string witness = TEST_LIBRARIES "/tests/witness.so";

class NotingContext final : public CallContext {
public:
    bool cancelled() const override { return isCancelled; }
    void progress(double progress, std::optional<double> total, std::string_view message) override {
        notes.push_back(std::to_string(static_cast<int>(progress)) + "/" +
                        (total ? std::to_string(static_cast<int>(*total)) : "?") + " " + std::string(message));
    }
    void message(MessageLevel level, const Json& data, std::string_view logger) override {
        notes.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(logger) + " " + data.dump());
    }
    std::string_view answersJson() const override { return answers; }
    std::string_view clientCapabilitiesJson() const override { return capabilities; }
    bool isCancelled = false;
    std::vector<std::string> notes;
    std::string answers = "{}", capabilities = R"({"elicitation":{},"sampling":{},"roots":{}})";
};

struct Fixture {
    explicit Fixture(const std::string& file = witness, const std::string& settings = "{}")
        : backend(makePluginBackend(Library(file, ""), host.port, settings)) {}
    std::unique_ptr<Client> client(const Identity& identity = {}) { return backend->createClient(identity, {}); }
    // The text of the answer of a fresh client, which is closed.
    CallOutcome call(const std::string& tool, const std::string& arguments = "{}") {
        const auto one = client();
        CallOutcome out = one->call({"tools/call", tool, arguments, ""}, context);
        return out;
    }
    Json counts() { return Json::parse(std::get<Result>(call("counts")).json()).at("structuredContent"); }
    PluginHost host;
    NotingContext context;
    std::unique_ptr<Backend> backend;
};

} // namespace

TEST_CASE("the tools of a backend come across the border") {
    Fixture f;
    const std::vector<Tool> tools = f.backend->tools();
    const auto find = [&](const std::string& name) {
        const auto found =
            std::find_if(tools.begin(), tools.end(), [&](const Tool& tool) { return tool.name == name; });
        REQUIRE(found != tools.end());
        return *found;
    };
    CHECK(tools.size() == 11);
    CHECK_FALSE(find("whoami").runsInline);
    CHECK(find("whoami_inline").runsInline);
    CHECK(find("whoami").description == "Test tool whoami.");
    CHECK(find("whoami").inputSchema == Json{{"type", "object"}});
    CHECK(find("whoami").outputSchema.is_null());
    const Tool echo = Fixture(TEST_LIBRARIES "/gatehouse/gatehouse_backend_echo.so").backend->tools().at(0);
    CHECK(echo.annotations == Json{{"readOnlyHint", true}});
    CHECK(echo.definition().at("inputSchema").at("required") == Json::array({"text"}));
}

TEST_CASE("a client is made from an identity and answers for it") {
    Fixture f;
    Identity alice;
    alice.subject = "alice";
    alice.tokenId = "t1";
    alice.scopes = {"read", "write"};
    const auto client = f.client(alice);
    const CallOutcome outcome = client->call({"tools/call", "whoami", R"({"nonce":"n"})", ""}, f.context);
    const Json answer = Json::parse(std::get<Result>(outcome).json()).at("structuredContent");
    CHECK(answer.at("subject") == "alice");
    CHECK(answer.at("tokenId") == "t1");
    CHECK(answer.at("nonce") == "n");
}

TEST_CASE("a client that the backend refuses to make is not there, and its words say why") {
    Fixture f;
    Identity unwanted;
    unwanted.subject = "unwanted";
    CHECK_THROWS_WITH(f.client(unwanted), "no client for unwanted");
    CHECK(f.counts().at("created") == 1); // the one that counts
}

TEST_CASE("each client is closed once, and interrupted as often as told") {
    Fixture f;
    auto client = f.client();
    client->interrupt();
    client->interrupt();
    client.reset();
    const Json counts = f.counts();
    CHECK(counts.at("created") == 2); // this one and the one that counts
    CHECK(counts.at("closed") == 1);
    CHECK(counts.at("doubleClosed") == 0);
    CHECK(counts.at("interrupted") == 2);
}

TEST_CASE("an interrupt from another thread ends a call") {
    Fixture f;
    const auto client = f.client();
    Latch begun;
    std::thread interrupting([&] {
        begun.pass();
        client->interrupt();
    });
    begun.open();
    f.context.isCancelled = true;
    const CallOutcome outcome = client->call({"tools/call", "slow", R"({"ms":20000})", ""}, f.context);
    interrupting.join();
    CHECK(std::get<Result>(outcome).json().find("cancelled") != std::string::npos);
}

TEST_CASE("progress comes across the border") {
    Fixture f;
    f.call("steps", R"({"count":2})");
    CHECK(f.context.notes == std::vector<std::string>{"1/2 step", "2/2 step"});
}

TEST_CASE("a call that throws is an internal error without its words") {
    for (const char* kind : {"std", "int", "alloc"}) {
        DYNAMIC_SECTION(kind) {
            Fixture f;
            const CallOutcome outcome = f.call("throw", R"({"kind":")" + std::string(kind) + "\"}");
            REQUIRE(std::holds_alternative<CallError>(outcome));
            CHECK(std::get<CallError>(outcome).code == -32603);
            CHECK(std::get<CallError>(outcome).message == "Internal error");
            CHECK(f.host.log.text().find("call threw") != std::string::npos);
            CHECK(f.counts().at("closed") == 1);
        }
    }
}

TEST_CASE("a failure and a raw result are passed on as they are") {
    Fixture f;
    CHECK(std::get<Result>(f.call("throw", R"({"kind":"json"})")).json() == "not json");
    CHECK(std::get<Result>(f.call("throw")).json().find(R"("isError":true)") != std::string::npos);
}

TEST_CASE("that an identity is gone comes across the border") {
    Fixture f;
    f.backend->identityGone("alice");
    CHECK(f.counts().at("identitiesGone") == 1);
}

TEST_CASE("a backend that refuses its settings is refused, with its reason") {
    CHECK(refusalOf<Fixture>(witness, R"({"fail":true})").find("witness.so: fail: told to refuse") !=
          std::string::npos);
    CHECK(refusalOf<Fixture>(witness, R"({"odd":true})").find("odd: unknown key") != std::string::npos);
    CHECK_FALSE(refusalOf<Fixture>(witness, "no json").empty());
}

TEST_CASE("a library without a backend is refused") {
    const std::string validator = TEST_LIBRARIES "/gatehouse/gatehouse_validator_static_file.so";
    CHECK(refusalOf<Fixture>(validator).find("expected gatehouse.backend/1") != std::string::npos);
}

TEST_CASE("a backend that was built with the other std::string works through the C door") {
    Fixture f(TEST_LIBRARIES "/tests/old_string_witness.so");
    CHECK(f.backend->tools().size() == 11);
    CHECK(f.counts().at("created") == 1);
}

TEST_CASE("resources, templates and prompts come across the border with their flags") {
    Fixture f(everything);
    const auto named = [](const auto& list, const auto member, const std::string& name) {
        const auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.*member == name; });
        REQUIRE(found != list.end());
        return *found;
    };
    const Resource text = named(f.backend->resources(), &Resource::uri, "test://static-text");
    CHECK(text.mimeType == "text/plain");
    CHECK(text.runsInline);
    REQUIRE(f.backend->resourceTemplates().size() == 1);
    CHECK(f.backend->resourceTemplates()[0].completes);
    CHECK(f.backend->resourceTemplates()[0].uriTemplate.find("{id}") != std::string::npos);
    const Prompt prompt = named(f.backend->prompts(), &Prompt::name, "test_prompt_with_arguments");
    CHECK(prompt.arguments.size() == 2);
    CHECK(prompt.arguments[0].required);
    CHECK(prompt.completes);
    CHECK(Fixture().backend->resources().empty());
}

TEST_CASE("a resource is read by its uri across the border") {
    Fixture f(everything);
    const auto read = [&](const std::string& uri) {
        const auto client = f.client();
        return client->call({"resources/read", uri, "{}", "", uri}, f.context);
    };
    const Json contents = Json::parse(std::get<Result>(read("test://static-text")).json()).at("contents");
    CHECK(contents.at(0).at("uri") == "test://static-text");
    CHECK(std::get<CallError>(read("test://nothing")).code == -32002);
}

TEST_CASE("a question comes back across the border, and its answer goes in") {
    Fixture f(everything);
    const std::string arguments = R"({"message":"Name?"})";
    const CallOutcome asked = f.call("test_elicitation", arguments);
    REQUIRE(std::holds_alternative<InputRequired>(asked));
    const auto& requests = std::get<InputRequired>(asked).requests;
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].method == "elicitation/create");
    CHECK(requests[0].params.at("message") == "Name?");
    f.context.answers = Json{{requests[0].key, {{"action", "decline"}}}}.dump();
    const CallOutcome answered = f.call("test_elicitation", arguments);
    REQUIRE(std::holds_alternative<Result>(answered));
    CHECK(std::get<Result>(answered).json().find("decline") != std::string::npos);
}

TEST_CASE("log messages come across the border with their level") {
    Fixture f(everything);
    f.call("test_tool_with_logging");
    REQUIRE(f.context.notes.size() >= 3);
    for (const std::string& note : f.context.notes) CHECK(note.find("1 ") == 0);
}

// The witness with one byte of its description made no UTF-8.
TEST_CASE("a tool whose description is not UTF-8 does not end the server") {
    const ScratchFolder folder;
    ::chmod(folder.path().c_str(), 0755);
    std::string bytes = readText(witness);
    const std::size_t at = bytes.find("Test tool ");
    REQUIRE(at != std::string::npos);
    bytes[at] = '\xFF';
    const std::string file = folder.write("broken.so", bytes);
    ::chmod(file.c_str(), 0644);
    REQUIRE(survives([] { (void)Fixture().backend->tools(); }));
    CHECK(survives([&] { (void)Fixture(file).backend->tools(); }));
}
