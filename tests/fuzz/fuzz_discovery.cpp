// Discovery documents: whoever writes one names keys for the issuer that was asked for, or nothing.
#include <cstdlib>

#include "planted_bug.hpp"
#include "validators/oidc/discovery.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const auto read = oidc::readDocument("https://a", FetchAnswer{200, input, ""});
    if (const auto* provider = std::get_if<oidc::Provider>(&read)) {
        plantedBug(provider->jwksUri);
        if (input.find("https:") == std::string::npos && input.find("\\u") == std::string::npos &&
            input.find("\\/") == std::string::npos)
            std::abort();
        const FetchRequest request = oidc::keyRequest("https://a", provider->jwksUri);
        if (!request.publicOnly && provider->jwksUri.rfind("https://a", 0) != 0) std::abort();
    }
    for (const std::string& url : oidc::documentUrls(input))
        if (url.find("/.well-known/") == std::string::npos) std::abort();
    return 0;
}
