// Discovery documents: whoever writes one names keys for the issuer that was asked for, or nothing.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "planted_bug.hpp"
#include "validators/oidc/discovery.hpp"

using namespace gatehouse;

namespace {

// A URL of https://a, in any case of letters, with or without its usual port.
bool isOfIssuer(std::string url) {
    for (char& c : url) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const std::string origin = url.substr(0, url.find('/', std::min<std::size_t>(url.size(), 8)));
    return origin == "https://a" || origin == "https://a:443";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto read = oidc::readDocument("https://a", FetchAnswer{200, input, ""});
    if (const auto* provider = std::get_if<oidc::Provider>(&read)) {
        plantedBug(provider->jwksUri);
        if (input.find("https:") == std::string::npos && input.find("\\u") == std::string::npos &&
            input.find("\\/") == std::string::npos)
            std::abort();
        const FetchRequest request = oidc::keyRequest("https://a", provider->jwksUri);
        if (!request.publicOnly && !isOfIssuer(provider->jwksUri)) std::abort();
    }
    for (const std::string& url : oidc::documentUrls(input))
        if (url.find("/.well-known/") == std::string::npos) std::abort();
    return 0;
}
