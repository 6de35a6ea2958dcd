#include "base/redact.hpp"

#include <catch2/catch.hpp>

#include <vector>

using gatehouse::redacted;

namespace {

const std::string ours = "O9ms9jqTfUdy-DIjvpFWeqd_yH_NEj7me0mgOnOjGdQ=";
const std::string unpadded = ours.substr(0, 43);
const std::string jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";

struct Row {
    const char* what;
    std::string text;
    std::string shown;
};

} // namespace

TEST_CASE("a credential never reaches the log") {
    for (const Row& row : std::vector<Row>{
             {"the word after Bearer", "Authorization: Bearer abc123", "Authorization: Bearer <token>"},
             {"the scheme in any case", "bEaReR abc123 from 10.0.0.1", "bEaReR <token> from 10.0.0.1"},
             {"one of our tokens", "got " + ours + " from alice", "got <token> from alice"},
             {"one of our tokens without padding", "got " + unpadded + ", refused", "got <token>, refused"},
             {"a token in a query", "?access_token=" + ours + "&x=1", "?access_token=<token>&x=1"},
             {"a token in quotes", "{\"token\":\"" + ours + "\"}", "{\"token\":\"<token>\"}"},
             {"a compact JWS", "token " + jwt + " expired", "token <token> expired"},
             {"a JWE of five parts", jwt + ".YWJj.ZGVm", "<token>"},
             {"an unsigned JWT", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "<token>"},
             {"two in one line", ours + " and " + jwt, "<token> and <token>"},
             {"a token alone", ours, "<token>"},
             {"T25: one with a prefix and a sum", "DELETE /api/v2/tokens/gth_" + std::string(40, 'a'),
              "DELETE /api/v2/tokens/<token>"},
             {"T25: another prefix", "acme1_" + std::string(40, 'Z') + " leaked", "<token> leaked"},
             {"T25: a word before the prefix", "key-gth_" + std::string(40, '0'), "<token>"},
             {"a token at the end of a sentence", "refused " + unpadded + ".", "refused <token>."},
             {"a token in a path", "GET /mcp/" + ours, "GET /mcp/<token>"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(redacted(row.text) == row.shown); }
    }
}

TEST_CASE("nothing of the word after Bearer is left, however it is written") {
    for (const Row& row : std::vector<Row>{{"two blanks before it", "Bearer  secretword", "secretword"},
                                           {"a tab before it", "Bearer\tsecretword", "secretword"},
                                           {"a colon in it", "Bearer user:secretword", "secretword"},
                                           {"an equals sign in it", "Bearer key=secretword", "secretword"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(redacted(row.text).find(row.shown) == std::string::npos); }
    }
}

TEST_CASE("what is no credential stays readable") {
    for (const std::string& text : std::vector<std::string>{
             "", "plain words", "token-1234567890 was removed", "/etc/gatehouse/tokens.yaml",
             "SHA-256 b3f805a4c2e7d9f1a8b6c3e2d5f4a1b9c8e7d6f5a4b3c2e1d9f8a7b6c5e4d3f2", // a hash is no credential
             "550e8400-e29b-41d4-a716-446655440000", std::string(42, 'a'), std::string(45, 'a'),
             "gth_" + std::string(38, 'a'), "gth_" + std::string(41, 'a'), "_" + std::string(39, 'a'), "Bearer",
             "Bearer ", "the Bearer, whose name", "eyJ.", "Grüße, 世界"}) {
        DYNAMIC_SECTION('"' << text << '"') { CHECK(redacted(text) == text); }
    }
}

TEST_CASE("one message stays one line: control characters are shown as hexadecimal") {
    for (const Row& row : std::vector<Row>{{"a line break", "a\nb", "a\\x0ab"},
                                           {"a forged second entry", "x\r\n[error] y", "x\\x0d\\x0a[error] y"},
                                           {"a terminal's escape", "\x1b[31m", "\\x1b[31m"},
                                           {"a NUL", std::string("a\0b", 3), "a\\x00b"},
                                           {"delete", "\x7f", "\\x7f"},
                                           {"a tab", "a\tb", "a\\x09b"},
                                           {"a control of Unicode",
                                            "a\xc2\x9b"
                                            "31m",
                                            "a\\u009b31m"},
                                           {"a mark of direction", "\xe2\x80\xaegpj", "\\u202egpj"},
                                           {"letters that hold such bytes stay", "\xc3\x9b \xe2\x82\xac \xc2\xa0",
                                            "\xc3\x9b \xe2\x82\xac \xc2\xa0"}}) {
        DYNAMIC_SECTION(row.what) { CHECK(redacted(row.text) == row.shown); }
    }
}

TEST_CASE("without tokens a text is as it was, control characters too") {
    CHECK(gatehouse::withoutTokens("a\x1b[1m " + ours) == "a\x1b[1m <token>");
}
