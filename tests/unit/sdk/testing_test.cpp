#include <gatehouse/testing.hpp>

#include <catch2/catch.hpp>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

class Store final : public TokenValidator {
public:
    explicit Store(const Host& host) : host_(host) {}
    Verdict validate(const TokenRequest& request) override {
        const TokenLookup found = host_.findToken(request.tokenSha256);
        if (std::holds_alternative<TokenStoreDown>(found)) return Unavailable{"down"};
        if (!std::holds_alternative<TokenRecord>(found)) return Rejected{};
        Identity identity = someone(std::get<TokenRecord>(found).id);
        identity.claimsJson = std::string(request.peer);
        return Accepted{identity, {}};
    }

private:
    const Host& host_;
};

class Counting final : public Backend {
public:
    class One final : public Client {
    public:
        explicit One(int& closed) : closed_(closed) {}
        ~One() override { ++closed_; }
        CallOutcome call(const CallRequest& request, CallContext&) override {
            if (request.name == "throw") throw std::runtime_error("broken");
            if (request.name == "error") return CallError{-32000, "no", ""};
            return Result::text(std::string(request.method) + " " + std::string(request.argumentsJson));
        }

    private:
        int& closed_;
    };
    std::unique_ptr<Client> createClient(const Identity&, const Credentials&) override {
        return std::make_unique<One>(closed);
    }
    int closed = 0;
};

} // namespace

TEST_CASE("the fake host's store knows a token by its text") {
    FakeHost host;
    Store store(host);
    host.addToken("abc", {"t1", "", "", {}, never});
    CHECK(identityIn(judge(store, "abc", "192.0.2.7"))->subject == "t1");
    CHECK(identityIn(judge(store, "abc", "192.0.2.7"))->claimsJson == "192.0.2.7");
    CHECK(isRejected(judge(store, "abd"), Rejected::Reason::unknown));
    CHECK_FALSE(identityIn(judge(store, "abd")));
    host.storeIsDown = true;
    CHECK(isUnavailable(judge(store, "abc")));
}

TEST_CASE("a digest is SHA-256 (FIPS 180-4)") {
    const Sha256 digest = testing::sha256("abc");
    CHECK(digest[0] == 0xba);
    CHECK(digest[31] == 0xad);
}

TEST_CASE("each call has a client, and it is closed, whatever happens") {
    Counting backend;
    CHECK(textOf(callTool(backend, "x", {{"a", 1}})) == R"(tools/call {"a":1})");
    CHECK_THROWS_WITH(callTool(backend, "throw"), "broken");
    CHECK_THROWS_AS(callTool(backend, "error"), CallError);
    CHECK(backend.closed == 3);
}

TEST_CASE("the fake host keeps what it was told") {
    FakeHost host;
    host.log(LogLevel::info, "line");
    host.dropVerdicts("key");
    host.notify(Change::tools);
    CHECK(host.lines == std::vector<std::string>{"line"});
    CHECK(host.dropped == std::vector<std::string>{"key"});
    CHECK(host.notifications.size() == 1);
    CHECK(std::holds_alternative<FetchFault>(host.fetch({})));
    CHECK_THROWS_AS(host.validator("jwt"), SettingsError);
}
