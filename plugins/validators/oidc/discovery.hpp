// Finding an issuer's key set: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.
//
// The document must name the issuer it was asked for: another one would choose the keys.
// Threads: any; nothing is kept.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <gatehouse/host.hpp>

namespace oidc {

struct Provider {
    std::string jwksUri;
};
struct DiscoveryFault {
    std::string words; // for a log
};
using DiscoveryResult = std::variant<Provider, DiscoveryFault>;

// Where the document of an issuer may stand, in the order in which they are tried. "{tenantid}" in it is a template of
// Entra's, whose document is that of "organizations".
std::vector<std::string> documentUrls(const std::string& issuer);
DiscoveryResult readDocument(const std::string& issuer, const gatehouse::FetchResult& fetched);
DiscoveryResult discover(const std::string& issuer,
                         const std::function<gatehouse::FetchResult(const gatehouse::FetchRequest&)>& fetch);
// Keys at a URL that the operator wrote: it may be anywhere.
gatehouse::FetchRequest trustedKeyRequest(const std::string& jwksUri);
// Keys at a URL that the issuer's document names. It may be of another origin than the issuer; then only on the public
// internet.
gatehouse::FetchRequest keyRequest(const std::string& issuer, const std::string& jwksUri);

} // namespace oidc
