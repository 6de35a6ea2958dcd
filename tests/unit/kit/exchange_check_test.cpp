#include <catch2/catch.hpp>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

using Exchange = std::function<ExchangeAnswer(const ExchangeRequest&, const ExchangeAnswer& right)>;

ExchangeAnswer exchangedAt(HostDeps& deps, const std::string& url, const ExchangeRequest& request) {
    FetchRequest fetch;
    fetch.url = url;
    fetch.method = "POST";
    fetch.body = "subject_token=" + std::string(request.token);
    const FetchResult result = deps.fetch(fetch);
    const auto* answer = std::get_if<FetchAnswer>(&result);
    const Json said = answer ? Json::parse(answer->body, nullptr, false) : Json();
    if (!said.is_object() || answer->status >= 500) return Unavailable{};
    if (answer->status != 200) return ExchangeRefused{said.value("error", "")};
    return Exchanged{said.at("access_token").get<std::string>()};
}

struct Exchanging : KitBench {
    Exchanging() : KitBench(Json{{"algorithms", {"HS256"}}}) {}
    Words by(const Exchange& otherwise, bool exchanges = true) {
        return withoutTimes(
            faultsOf(checkExchange, making([&, exchanges](HostDeps& deps) {
                         ValidatorTraits traits;
                         traits.exchanges = exchanges;
                         return Script{right(), traits, [&](const ExchangeRequest& request) {
                                           return otherwise(request, exchangedAt(deps, provider.tokenUrl(), request));
                                       }};
                     })));
    }
};

ExchangeAnswer asRight(const ExchangeRequest&, const ExchangeAnswer& right) { return right; }

const std::string otherToken = "exchange: the backend gets another token than the provider gave";
const std::string notRefused = "exchange: an exchange that the provider refuses is not refused";

Words notUnavailable() {
    Words out;
    for (const Health health : {Health::failing, Health::garbage, Health::gone})
        out.insert(std::string("exchange: an exchange is not unavailable, while the provider ") + wordsFor(health));
    return out;
}

} // namespace

TEST_CASE("who gives the backend what the provider gives has no fault") {
    Exchanging at;
    CHECK(at.by(asRight).empty());
    CHECK_THAT(at.said, Catch::Contains("  exchange       given, refused, failing, garbage and gone\n"));
}

TEST_CASE("who exchanges nothing is not looked at") {
    Exchanging at;
    CHECK(at.by([](const ExchangeRequest&, const ExchangeAnswer&) { return Unavailable{}; }, false).empty());
    CHECK(at.provider.asked() == 0);
}

TEST_CASE("each wrong exchange is named") {
    struct Row {
        const char* what;
        Exchange otherwise;
        Words faults;
    };
    const auto own = [](const ExchangeRequest& request) { return Exchanged{std::string(request.token)}; };
    for (const Row& row : std::initializer_list<Row>{
             {"the caller's own token",
              [&](const auto&request, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<Exchanged>(right) ? ExchangeAnswer(own(request)) : right;
              },
              {"exchange: the backend gets the caller's own token (RFC 8693 section 1, MCP authorization)",
               otherToken}},
             {"another token",
              [](const auto&, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<Exchanged>(right) ? ExchangeAnswer(Exchanged{"another"}) : right;
              },
              {otherToken}},
             {"none",
              [](const auto&, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<Exchanged>(right) ? ExchangeAnswer(ExchangeRefused{}) : right;
              },
              {"exchange: a good token is not exchanged"}},
             {"refused: come again",
              [](const auto&, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<ExchangeRefused>(right) ? ExchangeAnswer(Unavailable{}) : right;
              },
              {notRefused}},
             {"refused: the caller's own token",
              [&](const auto&request, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<ExchangeRefused>(right) ? ExchangeAnswer(own(request)) : right;
              },
              {notRefused}},
             {"down: refused",
              [](const auto&, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<Unavailable>(right) ? ExchangeAnswer(ExchangeRefused{}) : right;
              },
              notUnavailable()},
             {"down: the caller's own token",
              [&](const auto&request, const auto&right) -> ExchangeAnswer {
                  return std::holds_alternative<Unavailable>(right) ? ExchangeAnswer(own(request)) : right;
              },
              notUnavailable()}}) {
        DYNAMIC_SECTION(row.what) {
            Exchanging at;
            CHECK(at.by(row.otherwise) == row.faults);
        }
    }
}
