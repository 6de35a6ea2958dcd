#include "plugin/plugin_validator.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "support/plugin_host.hpp"
#include "tokens/token_fields.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

const std::string tests = TEST_LIBRARIES "/tests/";

struct Fixture {
    explicit Fixture(const std::string& file, const std::string& settings = "{}")
        : validator(makePluginValidator(Library(file, ""), host.port, settings,
                                        [this](const Sha256& digest) { return gone ? gone(digest) : std::nullopt; })) {}
    Verdict ask(std::string_view token) {
        TokenRequest request;
        request.token = token;
        request.tokenSha256 = sha256(token);
        return validator->validate(request);
    }
    PluginHost host;
    FindGone gone; // what the host remembers
    std::unique_ptr<TokenValidator> validator;
};

struct StaticFile : Fixture {
    StaticFile() : Fixture(TEST_LIBRARIES "/gatehouse/gatehouse_validator_static_file.so") {}
};

} // namespace

TEST_CASE("traits come across the border, with their defaults") {
    CHECK(StaticFile().validator->traits().runsInline);
    const ValidatorTraits traits = Fixture(tests + "frozen_validator.so").validator->traits();
    CHECK_FALSE(traits.runsInline);
    CHECK(traits.header == "Authorization");
    CHECK(traits.scheme == "Bearer");
}

TEST_CASE("an accept comes across the border whole") {
    StaticFile f;
    const WallTime expiry = f.host.clock.wall() + 1h;
    f.host.token = TokenRecord{"id1", "alice's laptop", "sales", f.host.clock.wall(), expiry};
    const Verdict verdict = f.ask("token");
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    const auto& accepted = std::get<Accepted>(verdict);
    CHECK(accepted.identity.issuer == "gatehouse");
    CHECK(accepted.identity.subject == "alice's laptop");
    CHECK(accepted.identity.tokenId == "id1");
    CHECK(accepted.identity.isolationKey == "id1");
    CHECK(accepted.identity.claimsJson == R"({"database":"sales"})");
    CHECK(accepted.identity.expiresAt == expiry);
    CHECK_FALSE(accepted.cache.isNever());
    CHECK(accepted.cache.time() == CachePolicy::unlimited);
    CHECK(f.host.askedFor == sha256("token"));
}

TEST_CASE("that a token never expires comes across the border") {
    StaticFile f;
    f.host.token = TokenRecord{"id1", "", "", f.host.clock.wall(), never};
    const Verdict verdict = f.ask("token");
    REQUIRE(std::holds_alternative<Accepted>(verdict));
    CHECK(std::get<Accepted>(verdict).identity.expiresAt == never);
}

TEST_CASE("rejections come across the border with their reason and how long they hold") {
    StaticFile f;
    const Verdict unknown = f.ask("token");
    REQUIRE(std::holds_alternative<Rejected>(unknown));
    CHECK(std::get<Rejected>(unknown).reason == Rejected::Reason::unknown);
    CHECK_FALSE(std::get<Rejected>(unknown).cache.isNever());
    f.host.token = TokenRecord{"id1", "", "", f.host.clock.wall(), f.host.clock.wall()};
    const Verdict expired = f.ask("token");
    REQUIRE(std::holds_alternative<Rejected>(expired));
    CHECK(std::get<Rejected>(expired).reason == Rejected::Reason::expired);
    CHECK(std::get<Rejected>(expired).detail == "id1");
}

TEST_CASE("U07: an unknown token that the store remembers is refused with why it has gone, for as long as before") {
    StaticFile f;
    const WallTime now = f.host.clock.wall();
    f.gone = [&](const Sha256& digest) -> std::optional<GoneToken> {
        TokenEntry entry;
        entry.record = TokenRecord{"id1", "", "", now - 48h, now - 24h};
        if (digest == sha256("expired")) return goneFrom(entry, GoneToken::Why::expired, now);
        if (digest == sha256("removed")) return goneFrom(entry, GoneToken::Why::removed, now);
        return std::nullopt;
    };
    struct Row {
        const char* token;
        Rejected::Reason reason;
        const char* detail;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"expired", Rejected::Reason::expired, "id1 expired at 2024-11-18"},
                                    {"removed", Rejected::Reason::revoked, "id1 was removed at 2024-11-19"},
                                    {"never seen", Rejected::Reason::unknown, ""}}) {
        DYNAMIC_SECTION(row.token) {
            const Verdict verdict = f.ask(row.token);
            REQUIRE(std::holds_alternative<Rejected>(verdict));
            const auto& no = std::get<Rejected>(verdict);
            CHECK(no.reason == row.reason);
            CHECK(no.detail.rfind(row.detail, 0) == 0);
            CHECK(no.detail.empty() == (row.reason == Rejected::Reason::unknown));
            CHECK_FALSE(no.cache.isNever());
        }
    }
}

TEST_CASE("U07: that a token has gone changes no accept, no other refusal, and nothing that cannot be said") {
    StaticFile f;
    f.gone = [&](const Sha256&) {
        return std::optional(goneFrom(TokenEntry{}, GoneToken::Why::removed, f.host.clock.wall()));
    };
    f.host.token = TokenRecord{"id1", "", "", f.host.clock.wall(), never};
    CHECK(std::holds_alternative<Accepted>(f.ask("token")));
    f.host.token = TokenRecord{"id1", "", "", f.host.clock.wall(), f.host.clock.wall()};
    CHECK(std::get<Rejected>(f.ask("token")).reason == Rejected::Reason::expired);
    CHECK(std::get<Rejected>(f.ask("token")).detail == "id1");
    f.host.token = TokenStoreDown{};
    CHECK(std::holds_alternative<Unavailable>(f.ask("token")));
}

TEST_CASE("a validator that cannot say is believed") {
    StaticFile f;
    f.host.token = TokenStoreDown{};
    const Verdict verdict = f.ask("token");
    REQUIRE(std::holds_alternative<Unavailable>(verdict));
    CHECK(std::get<Unavailable>(verdict).retryAfter == 5s);
    CHECK(std::get<Unavailable>(verdict).detail == "the token store cannot answer");
}

TEST_CASE("a validator that throws cannot say, and its words are for the log") {
    for (const char* way : {"throws", "throws_int"}) {
        DYNAMIC_SECTION(way) {
            Fixture f(tests + "bad_validator.so", R"({"way":")" + std::string(way) + "\"}");
            const Verdict verdict = f.ask("token");
            REQUIRE(std::holds_alternative<Unavailable>(verdict));
            CHECK(std::get<Unavailable>(verdict).detail.find("secret") == std::string::npos);
            CHECK(f.host.log.text().find("validate threw") != std::string::npos);
        }
    }
}

TEST_CASE("a validator that refuses its settings is refused, with its reason") {
    CHECK(refusalOf<Fixture>(tests + "bad_validator.so", R"({"way":"refuses"})")
              .find("bad_validator.so: way: told to refuse") != std::string::npos);
    CHECK(refusalOf<Fixture>(tests + "bad_validator.so", R"({"way":5})").find("way: expected a string, got 5") !=
          std::string::npos);
    CHECK_FALSE(refusalOf<Fixture>(tests + "bad_validator.so", R"({"way":"throws_int_at_start"})").empty());
    CHECK(refusalOf<Fixture>(TEST_LIBRARIES "/gatehouse/gatehouse_validator_static_file.so", R"({"odd":1})")
              .find("odd: unknown key") != std::string::npos);
}

TEST_CASE("a validator that gives no verdict cannot say, and an exchange of an unknown kind gives no credential") {
    Fixture f(tests + "odd_answers.so");
    const Verdict verdict = f.ask("token");
    REQUIRE(std::holds_alternative<Unavailable>(verdict));
    CHECK(std::get<Unavailable>(verdict).detail == "the validator gave no verdict");
    const Identity alice;
    CHECK(std::holds_alternative<Unavailable>(f.validator->exchange({"t", alice, "", 1s})));
}

TEST_CASE("a table that ends before the functions that are needed is refused, and none of it is called") {
    CHECK(refusalOf<Fixture>(tests + "short_table.so")
              .find("table of gatehouse.token_validator/1 has size 16, expected at least 64") != std::string::npos);
}

TEST_CASE("a library without a validator is refused") {
    CHECK(refusalOf<Fixture>(TEST_LIBRARIES "/gatehouse/gatehouse_backend_echo.so")
              .find("expected gatehouse.token_validator/1") != std::string::npos);
}

TEST_CASE("a validator in C, built against the border of release 1.0, is understood") {
    Fixture f(tests + "frozen_validator.so");
    const Verdict yes = f.ask("twelve-chars"), no = f.ask("short");
    REQUIRE(std::holds_alternative<Accepted>(yes));
    CHECK(std::get<Accepted>(yes).identity.isolationKey == "frozen");
    CHECK(std::get<Accepted>(yes).cache.isNever());
    CHECK(std::holds_alternative<Rejected>(no));
    f.validator->identityGone("frozen");
    CHECK_FALSE(f.validator->traits().exchanges);
    CHECK(f.validator->traits().authorizationServers.empty());
    const Identity alice;
    CHECK(std::holds_alternative<ExchangeRefused>(f.validator->exchange({"t", alice, "", 1s})));
}

TEST_CASE("what a validator checks comes across the border when it is wanted, and the verdict with it") {
    Fixture f(TEST_LIBRARIES "/gatehouse/gatehouse_validator_jwt.so",
              R"({"secret":"0123456789abcdef0123456789abcdef"})");
    std::vector<TokenCheck> trace;
    TokenRequest request;
    request.token = "no.jwt.at-all";
    request.trace = &trace;
    CHECK(std::holds_alternative<Rejected>(f.validator->validate(request)));
    REQUIRE(trace.size() == 1);
    CHECK(trace[0].rule == "form");
    CHECK_FALSE(trace[0].passed);
    CHECK_FALSE(trace[0].detail.empty());
}
