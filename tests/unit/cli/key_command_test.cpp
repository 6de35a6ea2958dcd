#include <set>

#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "support/string_console.hpp"

using namespace gatehouse;
using test::StringConsole;

namespace {

// RFC 7515 appendix A.1: HS256.
const std::string jws =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string jwk =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";

} // namespace

TEST_CASE("E06a: generate-key takes no further words") {
    CHECK(StringConsole().run(cli::generateKey, {"32"}).wrongUse == "generate-key takes no further words, got \"32\"");
}

TEST_CASE("a new key is random, of the length that was asked for, and fit for a header") {
    const StringConsole at;
    struct Row {
        std::vector<std::string> words;
        std::size_t letters;
    };
    for (const Row& row :
         std::vector<Row>{{{}, 43}, {{"--length", "16"}, 22}, {{"--length=64"}, 86}, {{"--length", "1024"}, 1366}}) {
        std::set<std::string> keys;
        for (int i = 0; i < 20; ++i) {
            const auto said = at.run(cli::generateKey, row.words);
            CHECK(said.code == cli::done);
            REQUIRE(said.out.size() == row.letters + 1);
            CHECK(said.out.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                  row.letters);
            keys.insert(said.out);
        }
        CHECK(keys.size() == 20);
    }
}

TEST_CASE("a length that is no number, or out of bounds, is refused") {
    const StringConsole at;
    for (const char* length : {"15", "1025", "-16", "ten", "1e3", "16 ", "99999999999", ""})
        CHECK(at.run(cli::generateKey, {"--length", length}).wrongUse ==
              "--length: expected a number from 16 to 1024, got " + std::string(length));
    CHECK_THAT(at.run(cli::generateKey, {"--help"}).out, Catch::StartsWith("Usage: gatehouse generate-key"));
}

TEST_CASE("a token is verified with a key, or with one of a set") {
    const StringConsole at;
    for (const std::string& text : {jwk, R"({"keys":[)" + jwk + "]}"}) {
        const std::vector<std::string> words{"verify", "--key", at.folder.write("k.json", text)};
        for (const std::string& typed : {jws, jws + "\n", jws + "\r\n"}) {
            const auto said = at.run(cli::jose, words, typed);
            CHECK(said.out == "valid\n");
            CHECK(said.code == cli::done);
        }
        std::string changed = jws;
        changed[60] = changed[60] == 'A' ? 'B' : 'A';
        for (const std::string& typed :
             {changed, jws.substr(0, jws.size() - 1), std::string("no token"), std::string()}) {
            const auto said = at.run(cli::jose, words, typed);
            CHECK_THAT(said.out, Catch::StartsWith("invalid: "));
            CHECK(said.code == cli::failed);
        }
    }
}

TEST_CASE("a token without a signature is invalid, whatever the key") {
    const StringConsole at;
    const auto said =
        at.run(cli::jose, {"verify", "--key", at.folder.write("k.json", jwk)}, "eyJhbGciOiJub25lIn0.e30.");
    CHECK_THAT(said.out, Catch::StartsWith("invalid: "));
}

TEST_CASE("a key that is none is told, and a file that is none is wrong use") {
    const StringConsole at;
    const auto said = at.run(cli::jose, {"verify", "--key", at.folder.write("k.json", "no key")}, jws);
    CHECK_THAT(said.out, Catch::StartsWith("invalid: key: "));
    CHECK(said.code == cli::failed);
    const std::string none = at.folder.file("none");
    CHECK(at.run(cli::jose, {"verify", "--key", none}, jws).wrongUse == "--key: " + none + " cannot be read");
}

TEST_CASE("help and wrong use of jose") {
    const StringConsole at;
    CHECK_THAT(at.run(cli::jose, {"--help"}).out, Catch::StartsWith("Usage: gatehouse jose verify"));
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {}, {"verify"}, {"sign", "--key", "k"}, {"verify", "more", "--key", "k"}})
        CHECK(at.run(cli::jose, words).wrongUse == "jose: expected verify --key FILE");
}
