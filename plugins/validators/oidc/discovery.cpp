#include "discovery.hpp"

#include <gatehouse/ascii.hpp>
#include <gatehouse/jose/strict_json.hpp>

namespace oidc {

using namespace gatehouse;

namespace {

constexpr std::size_t maxDocumentDepth = 16;

// "https://host:port" and the rest of a URL.
std::pair<std::string, std::string> originAndPath(const std::string& url) {
    const std::size_t host = url.find("://");
    const std::size_t path = host == std::string::npos ? host : url.find('/', host + 3);
    if (path == std::string::npos) return {url, ""};
    std::string rest = url.substr(path);
    while (!rest.empty() && rest.back() == '/') rest.pop_back();
    return {url.substr(0, path), rest};
}

// Scheme and host differ by case no more than a default port makes a difference (RFC 6454 section 4).
std::string originOf(const std::string& url) {
    std::string origin = lowered(originAndPath(url).first);
    for (const auto& [scheme, port] : {std::pair("https://", ":443"), std::pair("http://", ":80")}) {
        const std::size_t length = std::string_view(port).size();
        const bool isDefault = origin.rfind(scheme, 0) == 0 && origin.size() > length &&
                               origin.compare(origin.size() - length, length, port) == 0;
        if (isDefault) origin.resize(origin.size() - length);
    }
    return origin;
}

} // namespace

std::vector<std::string> documentUrls(const std::string& issuer) {
    constexpr std::string_view template_ = "{tenantid}";
    std::string place = issuer;
    if (const std::size_t at = place.find(template_); at != std::string::npos)
        place.replace(at, template_.size(), "organizations");
    const auto [origin, path] = originAndPath(place);
    return {origin + path + "/.well-known/openid-configuration",
            origin + "/.well-known/oauth-authorization-server" + path};
}

DiscoveryResult readDocument(const std::string& issuer, const FetchResult& fetched) {
    const auto* answer = std::get_if<FetchAnswer>(&fetched);
    if (!answer) return DiscoveryFault{std::get<FetchFault>(fetched).words};
    if (answer->status != 200) return DiscoveryFault{"HTTP " + std::to_string(answer->status)};
    const auto document = jose::strictJsonObject(answer->body, maxDocumentDepth);
    if (!document) return DiscoveryFault{"the answer is no JSON object"};
    const auto named = document->find("issuer");
    if (named == document->end() || *named != issuer) return DiscoveryFault{"the document is that of another issuer"};
    const auto keys = document->find("jwks_uri");
    if (keys == document->end() || !keys->is_string()) return DiscoveryFault{"the document names no jwks_uri"};
    return Provider{keys->get<std::string>()};
}

DiscoveryResult discover(const std::string& issuer, const std::function<FetchResult(const FetchRequest&)>& fetch) {
    std::string words;
    for (const std::string& url : documentUrls(issuer)) {
        FetchRequest request;
        request.url = url;
        request.headers = {{"Accept", "application/json"}};
        DiscoveryResult result = readDocument(issuer, fetch(request));
        const auto* fault = std::get_if<DiscoveryFault>(&result);
        if (!fault) return result;
        words.append(words.empty() ? "" : "; ").append(url).append(": ").append(fault->words);
    }
    return DiscoveryFault{words};
}

FetchRequest trustedKeyRequest(const std::string& jwksUri) {
    FetchRequest request;
    request.url = jwksUri;
    request.headers = {{"Accept", "application/jwk-set+json, application/json"}};
    return request;
}

FetchRequest keyRequest(const std::string& issuer, const std::string& jwksUri) {
    FetchRequest request = trustedKeyRequest(jwksUri);
    request.publicOnly = originOf(issuer) != originOf(jwksUri);
    return request;
}

} // namespace oidc
