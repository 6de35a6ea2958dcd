// The wrapper behind the plugin macros: what a C++ class says, seen through the C border.
#include <gatehouse/plugin.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <vector>

using namespace gatehouse;

namespace {

// A host that remembers what it was told.
struct FakeHost {
    std::vector<std::string> logged;
    std::string dropped;
    std::int32_t answer = 0;
    gatehouse_host table{sizeof(gatehouse_host),
                         this,
                         [](void* ctx, std::int32_t level, gatehouse_str text) {
                             self(ctx).logged.push_back(std::to_string(level) + " " + border::copy(text));
                         },
                         [](void*) { return std::int64_t{1234}; },
                         [](void* ctx, const std::uint8_t digest[32], void* foundCtx,
                            void (*found)(void*, const gatehouse_token_record*)) {
                             const std::string id(1, static_cast<char>(digest[0]));
                             const gatehouse_token_record record{
                                 sizeof(record), border::str(id), border::str("n"), border::str("d"), 1,
                                 GATEHOUSE_NEVER};
                             if (self(ctx).answer == 1) found(foundCtx, &record);
                             return self(ctx).answer;
                         },
                         [](void* ctx, gatehouse_str key) { self(ctx).dropped = border::copy(key); }};
    static FakeHost& self(void* ctx) { return *static_cast<FakeHost*>(ctx); }
};

gatehouse_sink sinkTo(std::string& out) {
    return {&out, [](void* ctx, gatehouse_str text) { *static_cast<std::string*>(ctx) = border::copy(text); }};
}

class MoodyValidator final : public TokenValidator {
public:
    MoodyValidator(const Settings& settings, const Host& host) : host_(host) {
        settings.allowOnly({"fail"});
        if (settings.flag("fail", false)) throw SettingsError("fail: told to refuse");
    }
    ValidatorTraits traits() const override { return {true, "X-Key", "Key"}; }
    Verdict validate(const TokenRequest& request) override {
        if (request.trace) request.trace->push_back({"form", request.token == "good", "looked at"});
        if (request.token == "throw") throw std::runtime_error("inside");
        if (request.token == "throw int") throw 42;
        if (request.token == "later") return Unavailable{"down", std::chrono::seconds(7)};
        if (request.token == "no")
            return Rejected{Rejected::Reason::revoked, "why", CachePolicy::forToken(std::chrono::milliseconds(9))};
        Identity identity;
        identity.isolationKey = std::string(request.peer) + "|" + std::string(request.headers.at(0).value) + "|" +
                                std::to_string(request.tokenSha256[31]);
        return Accepted{identity, CachePolicy::forToken().perPeer()};
    }
    void identityGone(std::string_view key) override {
        host_.dropVerdicts(key);
        if (key == "throw") throw 42;
    }

private:
    const Host& host_;
};

const auto& validatorTable() {
    return *static_cast<const gatehouse_token_validator_v1*>(
        door::validatorInterface<MoodyValidator>(GATEHOUSE_TOKEN_VALIDATOR_1));
}

std::string shown(const gatehouse_verdict& verdict) {
    const std::string tail =
        " flags " + std::to_string(verdict.cache_flags) + " for " + std::to_string(verdict.cache_ms);
    if (verdict.kind == GATEHOUSE_ACCEPT) return "accept " + border::copy(verdict.identity->isolation_key) + tail;
    if (verdict.kind == GATEHOUSE_REJECT)
        return "reject " + std::to_string(verdict.reason) + " " + border::copy(verdict.detail) + tail;
    return "unavailable " + border::copy(verdict.detail) + " " + std::to_string(verdict.retry_after_s);
}

std::string judged(void* self, const std::string& token) {
    const std::uint8_t digest[32] = {0};
    const std::vector<std::uint8_t> sum = [&] {
        std::vector<std::uint8_t> s(digest, digest + 32);
        s[31] = 8;
        return s;
    }();
    const gatehouse_field field{border::str("X-Extra"), border::str("extra")};
    const gatehouse_token_request request{sizeof(request),
                                          border::str(token),
                                          border::str("Key"),
                                          border::str("POST"),
                                          border::str("u"),
                                          border::str("10.0.0.1"),
                                          {nullptr, 0},
                                          sum.data(),
                                          &field,
                                          1};
    std::string out;
    validatorTable().validate(self, &request, {&out, [](void* ctx, const gatehouse_verdict* verdict) {
                                                   static_cast<std::string*>(ctx)->append(shown(*verdict));
                                               }});
    return out;
}

} // namespace

TEST_CASE("the host's table is seen as the SDK's Host") {
    FakeHost fake;
    const door::HostSide host(&fake.table);
    host.log(LogLevel::warning, "text");
    CHECK(fake.logged == std::vector<std::string>{"3 text"});
    CHECK(host.now() == WallTime(std::chrono::milliseconds(1234)));
    host.dropVerdicts("key");
    CHECK(fake.dropped == "key");
    Sha256 digest{};
    digest[0] = 'x';
    CHECK(std::holds_alternative<TokenUnknown>(host.findToken(digest)));
    fake.answer = -1;
    CHECK(std::holds_alternative<TokenStoreDown>(host.findToken(digest)));
    fake.answer = 1;
    const TokenLookup found = host.findToken(digest);
    REQUIRE(std::holds_alternative<TokenRecord>(found));
    CHECK(std::get<TokenRecord>(found).id == "x");
    CHECK(std::get<TokenRecord>(found).database == "d");
    CHECK(std::get<TokenRecord>(found).expiresAt == never);
}

TEST_CASE("a door opens for the interface it offers only") {
    CHECK(door::validatorInterface<MoodyValidator>(GATEHOUSE_TOKEN_VALIDATOR_1) != nullptr);
    CHECK(door::validatorInterface<MoodyValidator>(GATEHOUSE_BACKEND_1) == nullptr);
    CHECK(door::validatorInterface<MoodyValidator>("gatehouse.token_validator/2") == nullptr);
    CHECK(validatorTable().size == sizeof(gatehouse_token_validator_v1));
}

TEST_CASE("a constructor that throws is told, not thrown") {
    struct Row {
        const char* what;
        const char* settings;
        const char* told;
    };
    for (const Row& row :
         std::vector<Row>{{"a setting that is wrong", R"({"fail":true})", "fail: told to refuse"},
                          {"an unknown setting", R"({"fial":1})", "fial: unknown key, expected one of: fail"},
                          {"what is no map", "[1]", ": expected a map, got array"}}) {
        DYNAMIC_SECTION(row.what) {
            FakeHost fake;
            std::string told;
            CHECK(validatorTable().create(&fake.table, border::str(row.settings), sinkTo(told)) == nullptr);
            CHECK(told == row.told);
        }
    }
    FakeHost fake;
    std::string told;
    CHECK(validatorTable().create(&fake.table, border::str("not json"), sinkTo(told)) == nullptr);
    CHECK_FALSE(told.empty());
}

TEST_CASE("a verdict crosses the border whole, and an exception is logged instead of one") {
    FakeHost fake;
    std::string told;
    void* self = validatorTable().create(&fake.table, border::str("{}"), sinkTo(told));
    REQUIRE(self);
    CHECK(judged(self, "good") == "accept 10.0.0.1|extra|8 flags 1 for " + std::to_string(GATEHOUSE_NEVER));
    CHECK(judged(self, "no") == "reject 5 why flags 0 for 9");
    CHECK(judged(self, "later") == "unavailable down 7");
    CHECK(fake.logged.empty());
    CHECK(judged(self, "throw") == "unavailable validate threw 5");
    CHECK(fake.logged == std::vector<std::string>{"4 validate threw: inside"});
    CHECK(judged(self, "throw int") == "unavailable validate threw 5");
    CHECK(fake.logged.back() == "4 validate threw: something that is no std::exception");
    validatorTable().identity_gone(self, border::str("throw"));
    CHECK(fake.dropped == "throw");
    CHECK(fake.logged.back() == "4 identityGone threw: something that is no std::exception");
    std::string traits, error;
    validatorTable().traits(self,
                            {&traits,
                             [](void* ctx, const gatehouse_validator_traits* c) {
                                 *static_cast<std::string*>(ctx) =
                                     std::to_string(c->flags) + border::copy(c->header) + border::copy(c->scheme);
                             }},
                            sinkTo(error));
    CHECK(traits == "1X-KeyKey");
    CHECK(error.empty());
    validatorTable().destroy(self);
}
