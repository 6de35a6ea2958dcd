#include "tokens/token_fields.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <gatehouse/settings.hpp>

#include "support/sample_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

TokenEntry full() {
    TokenEntry entry = sampleEntry("id", "text", sampleTime + 24h);
    entry.terms = {{"a"}, {"main"}, {{"t"}, {"u"}}, {{"10.0.0.0/8"}, {}}, 5, 6, 7};
    entry.description = "d";
    entry.labels = {{"k", "v"}};
    entry.owner = "o";
    entry.createdBy = "c";
    entry.parent = "p";
    entry.notBefore = sampleTime;
    entry.maxIdleDays = 3;
    entry.suspendedAt = sampleTime + 1h;
    entry.isIdle = true;
    entry.purpose = TokenPurpose::manage;
    entry.rotatedAt = sampleTime + 2h;
    entry.generation = 4;
    entry.idleFrom = sampleTime + 1h;
    entry.request = RequestMark{.key = "k", .body = "b", .at = sampleTime};
    entry.previous = PreviousText{.digest = sha256("x"), .validUntil = sampleTime + 3h, .untilIdle = true};
    return entry;
}

} // namespace

TEST_CASE("a token without terms has no fields, so that it looks as it always did") {
    CHECK(fieldsOf(sampleEntry("id", "text")).empty());
}

TEST_CASE("every field comes back as it went in, and has its name in the list") {
    const Json fields = fieldsOf(full());
    TokenEntry again = sampleEntry("id", "text", sampleTime + 24h);
    readFields(fields, again);
    CHECK(fieldsOf(again) == fields);
    CHECK(again.terms == full().terms);
    CHECK(again.previous == full().previous);
    CHECK(fields.size() == fieldNames().size());
    for (const auto& field : fields.items())
        CHECK(std::count(fieldNames().begin(), fieldNames().end(), field.key()) == 1);
}

TEST_CASE("a field that is wrong is named") {
    struct Row {
        const char *json, *words;
    };
    for (const Row& row :
         std::initializer_list<Row>{{R"({"scopes":{"a":1}})", "scopes: expected a list of strings"},
                                    {R"({"rate_limit":"many"})", "rate_limit: expected a whole number"},
                                    {R"({"rate_limit":-1})", "rate_limit: expected a whole number"},
                                    {R"({"not_before":"soon"})", "not_before: expected a time"},
                                    {R"({"networks":{"only":[]}})", "networks.only: unknown key"},
                                    {R"({"previous":{"sha256":"short"}})", "previous.sha256: expected 64 hex digits"},
                                    {R"({"generation":0})", "generation: expected a whole number"}}) {
        TokenEntry entry;
        CHECK_THROWS_WITH(readFields(Json::parse(row.json), entry), Catch::StartsWith(row.words));
    }
}

TEST_CASE("one that has gone can be made anew, with all that it had") {
    const TokenEntry entry = full();
    const GoneToken gone = goneFrom(entry, GoneToken::Why::expired, sampleTime, "why");
    CHECK(gone.because == "why");
    const TokenEntry again = entryFrom(gone);
    CHECK(fieldsOf(again) == fieldsOf(entry));
    CHECK(again.record.createdAt == entry.record.createdAt);
    CHECK(again.digest == Sha256{}); // its text does not come back
}

TEST_CASE("the texts that a token no longer has") {
    TokenEntry before = sampleEntry("id", "one"), after = before;
    CHECK(replacedTexts(before, after, sampleTime).empty());
    after.digest = sha256("two");
    REQUIRE(replacedTexts(before, after, sampleTime).size() == 1);
    CHECK(replacedTexts(before, after, sampleTime)[0].digest == sha256("one"));
    after.previous = PreviousText{.digest = sha256("one"), .validUntil = sampleTime};
    CHECK(replacedTexts(before, after, sampleTime).empty());
    before = after;
    after.previous.reset();
    after.digest = sha256("three");
    CHECK(replacedTexts(before, after, sampleTime).size() == 2);
}
