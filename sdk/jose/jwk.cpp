// JSON Web Keys (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
#include <algorithm>
#include <array>
#include <optional>

#include <openssl/core_names.h>

#include <gatehouse/base64.hpp>

#include "key_material.hpp"

namespace gatehouse::jose {

namespace {

const std::string* textMember(const Json& jwk, const char* name) {
    const auto found = jwk.find(name);
    return found == jwk.end() ? nullptr : found->get_ptr<const std::string*>();
}

std::optional<std::string> bytesMember(const Json& jwk, const char* name) {
    const std::string* text = textMember(jwk, name);
    return text ? fromBase64Url(*text) : std::nullopt;
}

// What it says it may be used for; the complaint, or empty (RFC 7517 4.2, 4.3).
std::string useComplaint(const Json& jwk) {
    const auto use = jwk.find("use");
    if (use != jwk.end() && *use != "sig") return "its use is not sig";
    const auto operations = jwk.find("key_ops");
    if (operations == jwk.end()) return {};
    const bool mayVerify =
        operations->is_array() && std::find(operations->begin(), operations->end(), "verify") != operations->end();
    return mayVerify ? "" : "its key_ops do not hold verify";
}

PublicKey keyFrom(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const PublicKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return PublicKey(key);
}

BigNumber numberFrom(const std::string& bytes) {
    return BigNumber(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

PublicKey rsaKey(const Json& jwk) {
    const auto n = bytesMember(jwk, "n"), e = bytesMember(jwk, "e");
    if (!n || !e) return nullptr;
    const BigNumber modulus = numberFrom(*n), exponent = numberFrom(*e);
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    const bool built = builder && modulus && exponent &&
                       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
                       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1;
    return built ? keyFrom("RSA", builder.get()) : nullptr;
}

struct NamedCurve {
    std::string_view name; // crv
    const char* group;     // OpenSSL's
    std::size_t coordinateBytes;
};
constexpr std::array<NamedCurve, 4> namedCurves{{{"P-256", "prime256v1", 32},
                                                 {"P-384", "secp384r1", 48},
                                                 {"P-521", "secp521r1", 66},
                                                 {"secp256k1", "secp256k1", 32}}};

PublicKey ecKey(const Json& jwk) {
    const std::string* crv = textMember(jwk, "crv");
    const auto x = bytesMember(jwk, "x"), y = bytesMember(jwk, "y");
    const auto curve = std::find_if(namedCurves.begin(), namedCurves.end(),
                                    [&](const NamedCurve& c) { return crv && c.name == *crv; });
    if (curve == namedCurves.end() || !x || !y) return nullptr;
    if (x->size() != curve->coordinateBytes || y->size() != curve->coordinateBytes) return nullptr; // RFC 7518 6.2.1.2
    const std::string point = '\x04' + *x + *y;
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    const bool built =
        builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
    return built ? keyFrom("EC", builder.get()) : nullptr;
}

PublicKey edwardsKey(const Json& jwk) {
    const std::string* crv = textMember(jwk, "crv");
    const auto x = bytesMember(jwk, "x");
    if (!crv || !x || (*crv != "Ed25519" && *crv != "Ed448")) return nullptr;
    return PublicKey(EVP_PKEY_new_raw_public_key_ex(nullptr, crv->c_str(), nullptr,
                                                    reinterpret_cast<const unsigned char*>(x->data()), x->size()));
}

// Fills in what is of its kind (kty); the complaint, or empty.
std::string readKind(const Json& jwk, KeyMaterial& material) {
    const std::string* kty = textMember(jwk, "kty");
    if (!kty) return "it has no kty";
    if (*kty == "oct") {
        auto secret = bytesMember(jwk, "k");
        if (!secret) return "its k is no base64url";
        material.secret = std::move(*secret);
        return {};
    }
    if (*kty == "RSA") material.publicKey = rsaKey(jwk);
    else if (*kty == "EC") material.publicKey = ecKey(jwk);
    else if (*kty == "OKP") material.publicKey = edwardsKey(jwk);
    else return "its kty is not known";
    return material.publicKey ? "" : "its numbers are no " + *kty + " key that verifies";
}

// Its `alg` leaves one of what it could do (RFC 7517 4.4).
std::string narrow(const Json& jwk, KeyMaterial& material) {
    const auto alg = jwk.find("alg");
    if (alg == jwk.end()) return {};
    const auto algorithm = alg->is_string() ? algorithmNamed(alg->get_ref<const std::string&>()) : std::nullopt;
    if (!algorithm) return "unsupported alg";
    if (!material.algorithms.contains(*algorithm)) return "it is not fit for its alg " + alg->get<std::string>();
    material.algorithms = {*algorithm};
    return {};
}

// A member that is null is as absent.
Json withoutNulls(const Json& jwk) {
    Json out = Json::object();
    for (const auto& member : jwk.items())
        if (!member.value().is_null()) out[member.key()] = member.value();
    return out;
}

} // namespace

std::string shownKeyId(const std::string& id) {
    constexpr std::size_t whole = 24, beginning = 12;
    const std::string shown = id.size() <= whole ? id : id.substr(0, beginning) + "...";
    return Json(shown).dump(-1, ' ', true, Json::error_handler_t::replace);
}

MaterialResult materialOfJwk(const Json& given) {
    if (!given.is_object()) return KeyFault{"it is no JSON object"};
    const Json jwk = withoutNulls(given);
    KeyMaterial material;
    const auto id = jwk.find("kid");
    if (id != jwk.end() && !id->is_string()) return KeyFault{"its kid is no text"};
    if (id != jwk.end()) material.id = id->get<std::string>();
    const auto issuer = jwk.find("issuer"); // Entra's: "Validate the signing key issuer"
    if (issuer != jwk.end() && !issuer->is_string()) return KeyFault{"its issuer is no text"};
    if (issuer != jwk.end()) material.issuer = issuer->get<std::string>();
    for (const char* part : {"d", "p", "q", "dp", "dq", "qi", "oth"})
        material.isPrivate = material.isPrivate || jwk.contains(part);
    for (const auto& step : {std::string(useComplaint(jwk)), readKind(jwk, material)})
        if (!step.empty()) return KeyFault{step};
    if (std::string complaint = judge(material); !complaint.empty()) return KeyFault{std::move(complaint)};
    if (std::string complaint = narrow(jwk, material); !complaint.empty()) return KeyFault{std::move(complaint)};
    return material;
}

} // namespace gatehouse::jose
