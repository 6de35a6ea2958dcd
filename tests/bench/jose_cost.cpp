// What judging a token costs beside what OpenSSL's own verification of its signature costs. Prints a line for each
// algorithm: name, nanoseconds of OpenSSL, of the whole judgement, and of what the second takes more than the first.
//
// CPU time of the thread, in short turns, and the median of the differences of neighbours: a clock of the machine that
// changes while it is measured changes both of a pair.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <gatehouse/base64.hpp>
#include <gatehouse/jose/access_token.hpp>

using namespace gatehouse;
using jose::Algorithm;

namespace {

constexpr int rounds = 101;
const std::string secret(32, 's');
const WallTime now{std::chrono::seconds(1'700'000'000)};

using EvpKey = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using EvpContext = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;

struct Case {
    const char* name;
    Algorithm algorithm;
    EVP_PKEY* key; // null: the secret
};

std::string claims() {
    return R"({"iss":"https://idp.example/realms/main","aud":["https://mcp.example/mcp","account"],"sub":"7f3c1b5a-3c7e-4a52-9c8f-1d2e3f4a5b6c","azp":"client","jti":"b6f8c9d0-1234","iat":1699999900,"exp":1700000500,"scope":"openid mcp:read mcp:write"})";
}

const unsigned char* bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void pss(EVP_PKEY_CTX* parameters, Algorithm algorithm) {
    if (algorithm != Algorithm::PS256) return;
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
}

const char* hashOf(const Case& one) { return one.algorithm == Algorithm::EdDSA ? nullptr : "SHA256"; }

// DER for ECDSA, as OpenSSL has it.
std::string sign(const Case& one, const std::string& input) {
    if (!one.key) {
        std::string mac(32, '\0');
        HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes(input), input.size(),
             reinterpret_cast<unsigned char*>(mac.data()), nullptr);
        return mac;
    }
    const EvpContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestSignInit_ex(context.get(), &parameters, hashOf(one), nullptr, nullptr, one.key, nullptr);
    pss(parameters, one.algorithm);
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, bytes(input), input.size());
    std::string out(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(input), input.size());
    out.resize(size);
    return out;
}

std::string sideBySide(const std::string& der) {
    const unsigned char* at = bytes(der);
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string out(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), reinterpret_cast<unsigned char*>(out.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), reinterpret_cast<unsigned char*>(out.data()) + 32, 32);
    ECDSA_SIG_free(pair);
    return out;
}

double threadNanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec);
}

double nanoseconds(const std::function<void()>& work, int times) {
    const double began = threadNanoseconds();
    for (int i = 0; i < times; ++i) work();
    return (threadNanoseconds() - began) / times;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// What OpenSSL does for one signature: a fresh context, the key's algorithm, the message.
void verifyAlone(const Case& one, const std::string& input, const std::string& signature) {
    if (!one.key) {
        if (sign(one, input) != signature) std::abort();
        return;
    }
    const EvpContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestVerifyInit_ex(context.get(), &parameters, hashOf(one), nullptr, nullptr, one.key, nullptr);
    pss(parameters, one.algorithm);
    if (EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(input), input.size()) != 1)
        std::abort();
}

jose::Key keyOf(const Case& one) {
    if (!one.key) return std::get<jose::Key>(jose::Key::fromSecret(secret));
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(one.key, &der);
    const std::string pem = "-----BEGIN PUBLIC KEY-----\n" +
                            base64({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)}) +
                            "\n-----END PUBLIC KEY-----\n";
    OPENSSL_free(der);
    return std::get<jose::Key>(jose::Key::fromPem(pem));
}

void measure(const Case& one) {
    const std::string head = std::string(R"({"alg":")") + one.name + R"(","typ":"JWT","kid":"key-2024-01"})";
    const std::string input = base64Url(head) + "." + base64Url(claims());
    const std::string signature = sign(one, input);
    const std::string token =
        input + "." + base64Url(one.algorithm == Algorithm::ES256 ? sideBySide(signature) : signature);
    const auto set = std::make_shared<const jose::KeySet>(jose::KeySet::of({keyOf(one)}));
    jose::AccessTokenRules rules;
    rules.algorithms = {one.algorithm};
    rules.claims.issuers = {"https://idp.example/realms/main"};
    rules.claims.audiences = {"https://mcp.example/mcp"};
    const jose::KeySource source = [&](const std::string&) -> jose::RemoteKeySet::Answer { return set; };
    const int times = one.key ? 40 : 400;
    std::vector<double> alone, whole, more;
    for (int round = 0; round < rounds; ++round) {
        alone.push_back(nanoseconds([&] { verifyAlone(one, input, signature); }, times));
        whole.push_back(nanoseconds(
            [&] {
                if (!std::holds_alternative<Accepted>(jose::judgeAccessToken(token, source, rules, now))) std::abort();
            },
            times));
        more.push_back(whole.back() - alone.back());
    }
    std::printf("%s %.0f %.0f %.0f\n", one.name, median(alone), median(whole), median(more));
}

} // namespace

int main() {
    EVP_PKEY* const rsa = EVP_RSA_gen(2048);
    EVP_PKEY* const ec = EVP_EC_gen("prime256v1");
    EVP_PKEY* const ed = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    for (const Case& one : {Case{"HS256", Algorithm::HS256, nullptr}, Case{"RS256", Algorithm::RS256, rsa},
                            Case{"PS256", Algorithm::PS256, rsa}, Case{"ES256", Algorithm::ES256, ec},
                            Case{"EdDSA", Algorithm::EdDSA, ed}})
        measure(one);
}
