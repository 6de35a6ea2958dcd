#include "tokens/use_counter.hpp"

#include <catch2/catch.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

TokenCall call(std::string_view tool, UseKind kind = UseKind::ok, std::uint64_t generation = 1) {
    return {.tokenId = "a",
            .generation = generation,
            .tool = tool,
            .kind = kind,
            .peer = "192.0.2.1",
            .client = "client/1"};
}

} // namespace

TEST_CASE("calls that are alike are one row, and the last of each generation is known") {
    UseCounter counter;
    counter.add(call("query"), sampleTime);
    counter.add(call("query", UseKind::error), sampleTime + 1s);
    counter.add(call("list", UseKind::ok, 2), sampleTime + 24h);
    const UseCounter::Token& token = *counter.find("a");
    REQUIRE(token.rows.size() == 2);
    CHECK(token.rows[0].counts.sum() == 2);
    CHECK(token.rows[1].day == token.rows[0].day + 1);
    REQUIRE(token.lasts.size() == 2);
    CHECK(token.lasts[0].use.at == sampleTime + 1s);
    CHECK(counter.find("b") == nullptr);
}

TEST_CASE("a token has so many rows at most; the others are counted together, and none is lost") {
    UseCounter counter;
    for (std::size_t i = 0; i < 2 * UseCounter::maxRows; ++i)
        counter.add(call("tool " + std::to_string(i), UseKind::error), sampleTime);
    const auto& rows = counter.find("a")->rows;
    CHECK(rows.size() == UseCounter::maxRows + 1);
    CHECK(rows.back().tool == otherTools);
    CHECK(rows.back().counts.error == static_cast<std::int64_t>(UseCounter::maxRows));
}

TEST_CASE("what is given back counts with what came meanwhile, which is later") {
    UseCounter counter;
    counter.add(call("query"), sampleTime);
    auto taken = counter.take();
    CHECK(counter.find("a") == nullptr);
    counter.add(call("list"), sampleTime + 1s);
    counter.giveBack(std::move(taken));
    CHECK(counter.find("a")->rows.size() == 2);
    CHECK(counter.find("a")->lasts[0].use.tool == "list");
}

TEST_CASE("calls after the rotation are counted by themselves, also those that are given back") {
    UseCounter counter;
    TokenCall late = call("query");
    late.isPrevious = true;
    counter.add(call("query"), sampleTime);
    counter.add(late, sampleTime);
    auto taken = counter.take();
    counter.add(late, sampleTime + 1s);
    counter.giveBack(std::move(taken));
    CHECK(counter.find("a")->lasts[0].late == 2);
}

TEST_CASE("what a client calls itself is cut") {
    UseCounter counter;
    const std::string name(5'000, 'x');
    TokenCall named = call("query");
    named.client = name;
    counter.add(named, sampleTime);
    CHECK(counter.find("a")->lasts[0].use.client.size() == UseCounter::maxClient);
}
