#include <catch2/catch.hpp>

#include "kit/figures.hpp"
#include "support/kit_bench.hpp"
#include "support/sanitizer.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

// A bench of fixed keys with three tokens, one of each kind that can be wanted.
struct ThreeTokens : KitBench {
    ThreeTokens() : KitBench(Json{{"tokens", "key"}}) {
        classes = {{"first",
                    "RFC 1",
                    {{"a good one", "good", Wanted::accepted, ""}, {"a bad one", "bad", Wanted::refused, ""}}},
                   {"second", "", {{"an odd one", "odd", Wanted::notAccepted, ""}}}};
    }
    Words judged(const std::map<std::string, Verdict>& verdicts) {
        return faultsOf(checkTokens, Script{[&](const TokenRequest& request) {
                            const auto found = verdicts.find(std::string(request.token));
                            return found == verdicts.end() ? Verdict(Rejected{})
                                                           : found->second; // of the key, when it is made ready
                        }});
    }
};

Rejected no(const std::string& detail) { return {Rejected::Reason::unknown, detail, {}, {}}; }

} // namespace

TEST_CASE("a validator that judges every token as wanted has no fault") {
    ThreeTokens at;
    const Words none;
    CHECK(at.judged({{"good", Accepted{}}, {"bad", no("")}, {"odd", no("")}}) == none);
    CHECK(at.said ==
          "  first          2 of 2 tokens judged rightly\n"
          "  second         1 of 1 tokens judged rightly\n"
          "passed: 3 tokens, 0 faults\n");
    CHECK(at.judged({{"good", Accepted{}}, {"bad", no("")}, {"odd", Unavailable{}}}) == none);
}

TEST_CASE("each token that is judged otherwise is a fault, with what was said of it") {
    struct Row {
        std::map<std::string, Verdict> verdicts;
        Words faults;
    };
    ThreeTokens at;
    for (const Row& row : std::initializer_list<Row>{
             {{{"good", no("too long")}}, {"first: a good one is refused: too long (RFC 1)"}},
             {{{"good", no("")}}, {"first: a good one is refused (RFC 1)"}},
             {{{"good", Unavailable{"no keys"}}}, {"first: a good one is unavailable: no keys (RFC 1)"}},
             {{{"good", Accepted{}}, {"bad", Accepted{}}}, {"first: a bad one is accepted (RFC 1)"}},
             {{{"good", Accepted{}}, {"bad", Unavailable{}}}, {"first: a bad one is unavailable (RFC 1)"}},
             {{{"good", Accepted{}}, {"odd", Accepted{}}}, {"second: an odd one is accepted"}}})
        CHECK(at.judged(row.verdicts) == row.faults);
}

TEST_CASE("the tokens of every class are judged, and who accepts everything is named for each") {
    KitBench at(Json{{"algorithms", {"ES256"}}});
    at.classes = {goodTokens(at.issuer), wrongTimes(at.issuer, 60), wrongForms(at.issuer)};
    CHECK(at.faultsOf(checkTokens, Script{at.right()}).empty());
    const auto faults = at.faultsOf(checkTokens, Script{[](const TokenRequest&) { return Accepted{}; }});
    std::size_t times = 0, forms = 0;
    for (const std::string& fault : faults) {
        times += fault.rfind("time: ", 0) == 0;
        forms += fault.rfind("form: ", 0) == 0;
    }
    CHECK(times > 5);
    CHECK(forms > 10);
    CHECK(faults.size() == times + forms);
}

TEST_CASE("who asks where a token says is told") {
    KitBench at(Json{{"algorithms", {"ES256"}}});
    at.classes = {wrongHeaders(at.issuer, at.provider.trapUrl())};
    const auto curious = [&](HostDeps& deps) {
        return Script{[&, right = at.right()](const TokenRequest& request) {
            const auto parsed = Json::parse(
                fromBase64Url(request.token.substr(0, request.token.find('.'))).value_or(""), nullptr, false);
            if (parsed.is_object() && parsed.contains("jku")) {
                FetchRequest fetch;
                fetch.url = parsed.at("jku").get<std::string>();
                static_cast<void>(deps.fetch(fetch));
            }
            return right(request);
        }};
    };
    CHECK(at.faultsOf(checkTokens, Script{at.right()}).empty());
    CHECK(at.faultsOf(checkTokens, making(curious)) ==
          Words{"header: a URL that a token names (jku, x5u) was asked for (RFC 8725 section 3.10)"});
}

TEST_CASE("a token that takes long to refuse is a fault") {
    ThreeTokens at;
    const double tooLong = 120'000 * (isSanitized ? 10 : 1); // microseconds
    const auto faults = at.faultsOf(checkTokens, Script{[&](const TokenRequest& request) -> Verdict {
                                        if (request.token == "good") return Accepted{};
                                        if (request.token != "bad") return no("");
                                        const double begun = workedMicros();
                                        while (workedMicros() - begun < tooLong) continue;
                                        return no("");
                                    }});
    CHECK(faults == Words{"first: a bad one takes more than 100 ms of work: anybody can ask for that often"});
}

TEST_CASE("where the check is, is told before each token") {
    ThreeTokens at;
    std::vector<std::string> seen;
    at.faultsOf(checkTokens, Script{[&](const TokenRequest&) {
                    seen.push_back(at.progress.what());
                    return Accepted{};
                }});
    CHECK(seen == std::vector<std::string>{"", "first: a good one", "first: a bad one", "second: an odd one"});
}
