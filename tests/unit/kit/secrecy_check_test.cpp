#include <catch2/catch.hpp>

#include "support/kit_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::string token = "a-token-that-is-long-enough-to-be-known-again";

struct Indiscreet : KitBench {
    Indiscreet() : KitBench(Json{{"tokens", "key"}}) {
        classes = {{"key", "", {{"a token", token, Wanted::refused, ""}}}};
    }
    Words by(const MakeScript& script) { return withoutTimes(faultsOf(checkSecrecy, making(script))); }
};

Rejected no(const std::string& detail) { return {Rejected::Reason::unknown, detail, {}, {}}; }

} // namespace

TEST_CASE("who tells what is wrong, and not of which token, has no fault") {
    Indiscreet at;
    const auto discreet = [](HostDeps& deps) {
        return Script{[&deps](const TokenRequest& request) -> Verdict {
            deps.log(LogLevel::info, "asked about a token of " + std::to_string(request.token.size()));
            if (request.trace) request.trace->push_back({"signature", false, "wrong"});
            return no("the signature is wrong; " + std::string(request.token.substr(0, 8)) + "...");
        }};
    };
    CHECK(at.by(discreet).empty());
    CHECK_THAT(at.said,
               Catch::Contains("  secrecy        1 tokens looked for in the log, in reasons and in explain\n"));
}

TEST_CASE("a token, or its end, in the log, in a reason or in what explain shows is a fault") {
    struct Row {
        const char *what, *fault;
        MakeScript script;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"log", "secrecy: a token is written to the log (RFC 6750 section 5.3)",
              [](HostDeps& deps) {
                  return Script{[&deps](const TokenRequest& request) -> Verdict {
                      deps.log(LogLevel::debug, "asked about " + std::string(request.token));
                      return no("");
                  }};
              }},
             {"log of explain", "secrecy: a token is written to the log (RFC 6750 section 5.3)",
              [](HostDeps& deps) {
                  return Script{[&deps](const TokenRequest& request) -> Verdict {
                      if (request.trace) deps.log(LogLevel::debug, request.token);
                      return no("");
                  }};
              }},
             {"refusal", "secrecy: a token is in the reason of a verdict, which is logged (RFC 6750 section 5.3)",
              [](HostDeps&) {
                  return Script{[](const TokenRequest& request) -> Verdict {
                      return no("unknown: ..." + std::string(request.token.substr(request.token.size() - 16)));
                  }};
              }},
             {"unavailable", "secrecy: a token is in the reason of a verdict, which is logged (RFC 6750 section 5.3)",
              [](HostDeps&) {
                  return Script{[](const TokenRequest& request) -> Verdict {
                      return request.token == token ? Verdict(Unavailable{std::string(request.token)}) : no("");
                  }};
              }},
             {"explain", "secrecy: a token is shown by explain (RFC 6750 section 5.3)", [](HostDeps&) {
                  return Script{[](const TokenRequest& request) -> Verdict {
                      if (request.trace) request.trace->push_back({"form", false, std::string(request.token)});
                      return no("");
                  }};
              }}}) {
        DYNAMIC_SECTION(row.what) {
            Indiscreet at;
            CHECK(at.by(row.script) == Words{row.fault});
        }
    }
}

TEST_CASE("the secret that a validator knows is looked for too") {
    Indiscreet at;
    const std::string secret = at.issuer.secret();
    CHECK(at.by([&](HostDeps&) {
        return Script{[&](const TokenRequest&) -> Verdict { return no("it is not " + secret); }};
    }) == Words{"secrecy: the secret is in the reason of a verdict, which is logged (RFC 6750 section 5.3)"});
}

TEST_CASE("texts that are too short or too long to be secrets are not looked for") {
    Indiscreet at;
    at.classes = {{"strange",
                   "",
                   {{"a word", "null", Wanted::refused, ""}, {"long", std::string(5000, 'a'), Wanted::refused, ""}}}};
    CHECK(at.by([](HostDeps&) {
                return Script{[](const TokenRequest& request) -> Verdict {
                    return no(std::string(request.token).substr(0, 64));
                }};
            }).empty());
}
