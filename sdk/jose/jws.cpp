#include <gatehouse/jose/jws.hpp>

#include <algorithm>
#include <array>

#include <gatehouse/base64.hpp>
#include <gatehouse/jose/strict_json.hpp>

namespace gatehouse::jose {

namespace {

using Kind = JwsRefusal::Kind;

constexpr std::size_t maxHeaderDepth = 4;

// The three parts; nothing when there are more or fewer.
std::optional<std::array<std::string_view, 3>> partsOf(std::string_view compact) {
    const std::size_t first = compact.find('.');
    const std::size_t second = first == std::string_view::npos ? first : compact.find('.', first + 1);
    if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    return std::array{compact.substr(0, first), compact.substr(first + 1, second - first - 1),
                      compact.substr(second + 1)};
}

// What in a header is never taken, whatever the rest says; empty: nothing.
std::string forbiddenIn(const Json& header) {
    if (header.contains("crit")) return "its header has crit";
    const auto encodes = header.find("b64"); // RFC 7797 section 3: true is what a token has without it
    if (encodes != header.end() && *encodes != true) return "its header has b64";
    const auto id = header.find("kid");
    if (id != header.end() && !id->is_string()) return "its kid is no text";
    return {};
}

std::string shortened(const std::string& text) {
    return Json(text.substr(0, 32)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

} // namespace

std::variant<UnverifiedJws, JwsRefusal> parseJws(std::string_view compact) {
    if (compact.size() > maxTokenBytes) return JwsRefusal{Kind::notJws, "larger than any token"};
    const auto parts = partsOf(compact);
    if (!parts) return JwsRefusal{Kind::notJws, "not of three parts"};
    const auto headerText = fromBase64Url((*parts)[0]);
    auto header = headerText ? strictJsonObject(*headerText, maxHeaderDepth) : std::nullopt;
    if (!header) return JwsRefusal{Kind::notJws, "its header is no JSON object in base64url"};
    if (const std::string what = forbiddenIn(*header); !what.empty()) return JwsRefusal{Kind::refused, what};
    const auto alg = header->find("alg");
    if (alg == header->end() || !alg->is_string()) return JwsRefusal{Kind::algorithm, "its header names no alg"};
    const auto algorithm = algorithmNamed(alg->get_ref<const std::string&>());
    if (!algorithm) return JwsRefusal{Kind::algorithm, "alg " + shortened(alg->get<std::string>()) + " is not known"};
    auto payload = fromBase64Url((*parts)[1]);
    auto signature = fromBase64Url((*parts)[2]);
    if (!payload || !signature) return JwsRefusal{Kind::notJws, "not canonical base64url"};
    if (signature->empty()) return JwsRefusal{Kind::refused, "it is not signed"};
    UnverifiedJws jws;
    jws.signingInput = compact.substr(0, (*parts)[0].size() + 1 + (*parts)[1].size());
    jws.algorithm = *algorithm;
    jws.keyId = header->value("kid", "");
    jws.header = std::move(*header);
    jws.payload = std::move(*payload);
    jws.signature = std::move(*signature);
    return jws;
}

std::optional<JwsRefusal> verifyJws(const UnverifiedJws& jws, const KeySet& keys, const AlgorithmSet& allowed,
                                    const KeyFilter& mayUse) {
    if (!allowed.contains(jws.algorithm))
        return JwsRefusal{Kind::algorithm,
                          "alg " + std::string(name(jws.algorithm)) + " is not allowed, only " + allowed.names()};
    auto candidates = keys.candidates(jws.keyId, jws.algorithm);
    if (candidates.empty())
        return JwsRefusal{Kind::unknownKey, "no key of its kid serves " + std::string(name(jws.algorithm))};
    const auto isOut = [&](const Key* key) { return mayUse && !mayUse(*key); };
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(), isOut), candidates.end());
    if (candidates.empty()) return JwsRefusal{Kind::badSignature, "its key is another issuer's"};
    const std::size_t most = jws.keyId.empty() ? maxKeysWithoutId : maxKeysOfOneId;
    const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(std::min(candidates.size(), most));
    const auto found = std::find_if(candidates.begin(), last, [&](const Key* key) {
        return key->verifies(jws.algorithm, jws.signingInput, jws.signature);
    });
    if (found == last) return JwsRefusal{Kind::badSignature, "the signature is not right"};
    return std::nullopt;
}

} // namespace gatehouse::jose
