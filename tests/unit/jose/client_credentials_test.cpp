#include <gatehouse/jose/client_credentials.hpp>

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <gatehouse/jose/jws.hpp>
#include <gatehouse/jose/strict_json.hpp>

#include "support/scratch_folder.hpp"
#include "support/token_mint.hpp"

using namespace gatehouse;
using namespace gatehouse::jose;
using namespace gatehouse::test;

namespace {

const WallTime now{std::chrono::seconds(1'732'000'000)};
const std::string endpoint = "https://id.example.com/token?a=b";

std::string headerOf(const FetchRequest& request, const std::string& name) {
    for (const auto& [header, value] : request.headers)
        if (header == name) return value;
    return {};
}
ClientCredentials withSecret(const std::string& id, const std::string& secret) {
    return ClientCredentials(Settings({{"client_id", id}, {"client_secret", secret}}));
}
std::string complaint(const Json& settings) {
    try {
        const ClientCredentials credentials{Settings(settings)};
        return "";
    } catch (const SettingsError& fault) {
        return fault.what();
    }
}

SigningKey rsaForPss() {
    const auto context = minting::owned(EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    minting::must(EVP_PKEY_keygen_init(context.get()) == 1 && EVP_PKEY_generate(context.get(), &key) == 1);
    return SigningKey(key);
}

// The value of a member of the form; our own texts need no decoding but for these.
std::string formMember(const std::string& body, const std::string& name) {
    const std::size_t at = ("&" + body).find("&" + name + "=");
    REQUIRE(at != std::string::npos);
    const std::size_t begin = at + name.size() + 1;
    return body.substr(begin, body.find('&', begin) - begin);
}

} // namespace

TEST_CASE("a secret goes into the Authorization header, encoded before it is joined (RFC 6749 section 2.3.1)") {
    const FetchRequest request =
        withSecret("me:and you", "p@ss:w\xC3\xB6rd%").request(endpoint, {{"token", "a+b"}}, now);
    CHECK(request.url == endpoint);
    CHECK(request.method == "POST");
    CHECK(request.body == "token=a%2Bb");
    CHECK(headerOf(request, "Content-Type") == "application/x-www-form-urlencoded");
    CHECK(headerOf(request, "Accept") == "application/json");
    CHECK(headerOf(request, "Authorization") == "Basic " + base64("me%3Aand%20you:p%40ss%3Aw%C3%B6rd%25"));
}

TEST_CASE("an assertion is signed by our key, for this endpoint, for a minute, once (RFC 7523 section 3)") {
    const ScratchFolder folder;
    for (const std::string alg : {"RS256", "ES256"}) {
        DYNAMIC_SECTION(alg) {
            const SigningKey& signing = keyFor(alg);
            folder.write("key.pem", signing.privatePem());
            const ClientCredentials us(Settings({{"client_id", "me"}, {"private_key_file", folder.file("key.pem")}}));
            const FetchRequest request = us.request(endpoint, {{"grant_type", "x"}}, now);
            CHECK(headerOf(request, "Authorization").empty());
            CHECK(formMember(request.body, "grant_type") == "x");
            CHECK(formMember(request.body, "client_id") == "me");
            CHECK(formMember(request.body, "client_assertion_type") ==
                  "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer");
            const std::string assertion = formMember(request.body, "client_assertion");
            const auto parsed = parseJws(assertion);
            REQUIRE(std::holds_alternative<UnverifiedJws>(parsed));
            const auto& jws = std::get<UnverifiedJws>(parsed);
            const KeySet keys = KeySet::of({std::get<Key>(Key::fromPem(signing.publicPem()))});
            CHECK_FALSE(verifyJws(jws, keys, {*algorithmNamed(alg)}).has_value());
            CHECK(jws.header == Json{{"alg", alg}, {"typ", "JWT"}});
            Json claims = *strictJsonObject(jws.payload);
            CHECK(claims.at("jti").get<std::string>().size() == 22);
            claims.erase("jti");
            CHECK(
                claims ==
                Json{{"iss", "me"}, {"sub", "me"}, {"aud", endpoint}, {"iat", 1'732'000'000}, {"exp", 1'732'000'060}});
            const std::string another = formMember(us.request(endpoint, {}, now).body, "client_assertion");
            CHECK(std::get<UnverifiedJws>(parseJws(another)).payload != jws.payload);
        }
    }
}

TEST_CASE("an assertion names its key when the settings do") {
    const ScratchFolder folder;
    folder.write("key.pem", keyFor("ES256").privatePem());
    const ClientCredentials us(
        Settings({{"client_id", "me"}, {"private_key_file", folder.file("key.pem")}, {"key_id", "mine-1"}}));
    const std::string assertion = formMember(us.request(endpoint, {}, now).body, "client_assertion");
    CHECK(std::get<UnverifiedJws>(parseJws(assertion)).keyId == "mine-1");
}

TEST_CASE("our own key in a file is RSA of 2048 bits or P-256") {
    const ScratchFolder folder;
    struct Row {
        const char* what;
        std::string text;
    };
    const SigningKey small(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024}));
    const SigningKey pss = rsaForPss();
    for (const Row& row : std::initializer_list<Row>{{"nothing", ""},
                                                     {"words", "secret"},
                                                     {"a public key", keyFor("ES256").publicPem()},
                                                     {"RSA of 1024 bits", small.privatePem()},
                                                     {"RSA for PSS only", pss.privatePem()},
                                                     {"P-384", keyFor("ES384").privatePem()},
                                                     {"Ed25519", keyFor("EdDSA").privatePem()}}) {
        DYNAMIC_SECTION(row.what) {
            folder.write("key.pem", row.text);
            const std::string words = complaint({{"client_id", "me"}, {"private_key_file", folder.file("key.pem")}});
            CHECK_THAT(words,
                       Catch::StartsWith("private_key_file: expected an RSA key of at least 2048 bits or a P-256 key"));
        }
    }
}

TEST_CASE("our own key in a file is for nobody else to read") {
    const ScratchFolder folder;
    folder.write("key.pem", keyFor("ES256").privatePem());
    const std::string file = folder.file("key.pem");
    const Json settings{{"client_id", "me"}, {"private_key_file", file}};
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    CHECK_THAT(complaint(settings), Catch::Contains("can be read by every user"));
    REQUIRE(::chmod(file.c_str(), 0640) == 0);
    CHECK(complaint(settings) == "");
}

TEST_CASE("another curve of 256 bits signs no ES256") {
    const ScratchFolder folder;
    const SigningKey brainpool(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "brainpoolP256r1"));
    for (const std::string& pem : {keyFor("ES256K").privatePem(), brainpool.privatePem()}) {
        folder.write("key.pem", pem);
        CHECK_THAT(complaint({{"client_id", "me"}, {"private_key_file", folder.file("key.pem")}}),
                   Catch::Contains("expected"));
    }
}

TEST_CASE("a secret or a key, and an id") {
    CHECK(complaint({{"client_id", "me"}}) == "expected one of client_secret and private_key_file");
    CHECK_THAT(complaint({{"client_id", "me"}, {"client_secret", "x"}, {"private_key_file", "y"}}),
               Catch::StartsWith("expected one"));
    CHECK_THAT(complaint({{"client_secret", "x"}}), Catch::StartsWith("client_id: missing"));
    CHECK_THAT(complaint({{"client_id", "me"}, {"client_secret", ""}}), Catch::StartsWith("client_secret: is empty"));
    CHECK_THAT(complaint({{"client_id", "me"}, {"private_key_file", "/absent"}}), Catch::Contains("cannot be read"));
}

TEST_CASE("a secret of a file is used without the line break at its end") {
    const ScratchFolder folder;
    folder.write("secret", "word\n");
    const auto request = withSecret("me", "file:" + folder.file("secret")).request(endpoint, {}, now);
    CHECK(headerOf(request, "Authorization") == "Basic " + base64("me:word"));
}
