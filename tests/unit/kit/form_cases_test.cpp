#include <catch2/catch.hpp>

#include "support/kit_tokens.hpp"

using namespace gatehouse;
using namespace gatehouse::kit;
using namespace gatehouse::test;

namespace {

const std::string key = "kQ3x0Zr-8n_Lw5tYbV1cHs7uJm2pFa9dGe4iRo6kQ3x0Zr-8n_Lw5tYbV1cHs7uJ";

JudgeOfTokens keyJudge(const std::function<bool(const std::string&)>& isRight) {
    return [isRight](const std::string& text) { return isRight(text) ? Verdict(Accepted{}) : Verdict(Rejected{}); };
}

} // namespace

TEST_CASE("a right validator refuses every wrong form, in each kind of algorithm") {
    for (const std::string& algorithm : eachKind) {
        DYNAMIC_SECTION(algorithm) {
            const KitIssuer& issuer = issuerFor(algorithm);
            const TokenClass made = wrongForms(issuer);
            CHECK(made.name == "form");
            CHECK(made.cases.size() > 80);
            CHECK(twins(made).empty());
            CHECK(misjudged(made, rightJudge(issuer)).empty());
        }
    }
}

TEST_CASE("strange texts are no token of any kind") {
    const TokenClass strange = strangeTexts();
    CHECK(strange.name == "strange");
    CHECK(strange.cases.size() > 25);
    CHECK(twins(strange).empty());
    CHECK(misjudged(strange, rightJudge(issuerFor("HS256"))).empty());
    CHECK(misjudged(strange, keyJudge([](const std::string& text) { return text == key; })).empty());
    CHECK(misjudged(strange, keyJudge([](const std::string& text) { return text.size() > 1'000'000; })) ==
          Words{"1 MB of one letter", "1 MB of what looks like a token"});
}

TEST_CASE("who takes a token in another spelling is found out") {
    const KitIssuer& issuer = issuerFor("ES256");
    const JudgeOfTokens right = rightJudge(issuer);
    const auto trimmed = [&](std::string token) {
        token.erase(token.find_last_not_of(" \t\r\n") + 1);
        return right(token);
    };
    const auto toTheNul = [&](const std::string& token) { return right(token.c_str()); };
    const auto bare = [&](const std::string& token) {
        return right(token.rfind("Bearer ", 0) == 0 ? token.substr(7) : token);
    };
    CHECK(misjudged(wrongForms(issuer), trimmed) == Words{"a token with a letter in it that base64url has not"});
    CHECK(misjudged(wrongForms(issuer), toTheNul) == Words{"a token with a NUL in it"});
    CHECK(misjudged(wrongForms(issuer), bare) == Words{"a token with its scheme before it"});
}

TEST_CASE("of fixed keys only the right one is right, and its class is all others") {
    const TokenClass made = wrongKeys(key);
    CHECK(made.name == "key");
    CHECK(made.cases.size() > 40);
    CHECK(twins(made).empty());
    CHECK(misjudged(made, keyJudge([](const std::string& text) { return text == key; })).empty());
}

TEST_CASE("who compares keys carelessly is found out") {
    const TokenClass made = wrongKeys(key);
    struct Row {
        Words words;
        std::function<bool(const std::string&)> isRight;
    };
    const auto lower = [](std::string text) {
        for (char& letter : text)
            if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
        return text;
    };
    for (const Row& row : std::initializer_list<Row>{
             {{"the beginning of the right text"},
              [](const std::string& text) { return key.compare(0, text.size(), text) == 0; }},
             {{"the right text and a NUL"}, [](const std::string& text) { return text.c_str() == key; }},
             {{"the right text in capitals"}, [&](const std::string& text) { return lower(text) == lower(key); }},
             {{"the right text and more", "the right text and a NUL", "the right text twice"},
              [](const std::string& text) { return text.rfind(key, 0) == 0; }}})
        CHECK(misjudged(made, keyJudge(row.isRight)) == row.words);
}
