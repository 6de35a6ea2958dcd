#include "kit/opaque_cases.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "fetch/fetcher.hpp"
#include "support/kept_log.hpp"
#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

struct Asked {
    KeptLog log;
    KitProvider provider{log.log};
    Fetcher fetcher{FetchOptions{}};
    TokenClass made = introspectedTokens(issuerFor("HS256"), provider);

    std::string answerTo(const std::string& token) {
        FetchRequest request;
        request.url = provider.introspectionUrl();
        request.method = "POST";
        request.body = "token=" + token;
        return std::get<FetchAnswer>(fetcher.fetch(request)).body;
    }
    // As RFC 7662 has it; `isActive` says what counts as active.
    JudgeOfTokens judge(const std::function<bool(const Json&)>& isActive) {
        return [this, isActive](const std::string& token) -> Verdict {
            const auto answer = Json::parse(answerTo(token), nullptr, false);
            if (!answer.is_object()) return Unavailable{};
            const auto exp = jose::numericDate(answer.value("exp", Json()));
            const auto rules = rulesFor(issuerFor("HS256")).claims;
            if (!answer.contains("active") || !isActive(answer.at("active")) || !exp) return Rejected{};
            if (jose::judgeClaims(Json::object(), answer, rules, wallNow())) return Rejected{};
            return Accepted{};
        };
    }
};

} // namespace

TEST_CASE("the provider knows every introspected token, and a right validator judges them as wanted") {
    Asked asked;
    CHECK(asked.made.name == "introspection");
    CHECK(asked.made.cases.size() > 20);
    CHECK(twins(asked.made).empty());
    const auto isTrue = [](const Json& active) { return active == true; };
    CHECK(misjudged(asked.made, asked.judge(isTrue)).empty());
    for (const TokenCase& one : asked.made.cases) CHECK(one.token.find('.') == std::string::npos);
}

TEST_CASE("who takes anything for active is found out") {
    Asked asked;
    const auto isThere = [](const Json& active) { return !active.is_null() && active != false; };
    CHECK(misjudged(asked.made, asked.judge(isThere)) == Words{"a token whose active is not the value true"});
}

TEST_CASE("a token that nobody knows is not active") {
    Asked asked;
    CHECK(Json::parse(asked.answerTo("unknown")) == Json{{"active", false}});
}

TEST_CASE("the store's tokens are in the table as their cases say") {
    TokenTable table;
    const TokenClass made = storedTokens(table);
    CHECK(made.name == "stored");
    CHECK(made.cases.size() == 5);
    CHECK(twins(made).empty());
    const auto judge = [&](bool looksAtTime) -> JudgeOfTokens {
        return [&table, looksAtTime](const std::string& token) -> Verdict {
            const auto found = table.find(sha256(token));
            if (found == table.end() || std::holds_alternative<TokenStoreDown>(found->second)) return Unavailable{};
            const auto* record = std::get_if<TokenRecord>(&found->second);
            if (!record || (looksAtTime && record->expiresAt <= wallNow())) return Rejected{};
            return Accepted{};
        };
    };
    CHECK(misjudged(made, judge(true)).empty());
    CHECK(misjudged(made, judge(false)) == Words{"a token of the store that has expired"});
}

TEST_CASE("tokens of one's own must get what their list says, and are told by number") {
    const TokenClass made = listedTokens({"a", "b"}, {"c"});
    CHECK(made.name == "listed");
    REQUIRE(made.cases.size() == 3);
    CHECK(misjudged(made, [](const std::string& token) -> Verdict {
              if (token == "c") return Rejected{};
              return Accepted{};
          }).empty());
    CHECK(misjudged(made, [](const std::string&) -> Verdict { return Accepted{}; }) == Words{"bad token 1"});
    CHECK(misjudged(made, [](const std::string&) -> Verdict { return Rejected{}; }) ==
          Words{"good token 1", "good token 2"});
    CHECK(listedTokens({}, {}).cases.empty());
}
