#include "cli/given_keys.hpp"

#include <gatehouse/json.hpp>

namespace gatehouse::cli {

namespace {

constexpr std::string_view wellKnown = "/.well-known/";

// The document's name stands after the issuer, or between its host and its path (RFC 8414 section 3.1).
std::string issuerOf(const std::string& url, std::size_t mark) {
    const std::size_t name = mark + wellKnown.size(), path = url.find('/', name);
    return url.substr(0, mark) + (path == std::string::npos ? "" : url.substr(path));
}

} // namespace

Fetch fetchWithKeys(std::string keySet, Fetch others) {
    return [keySet = std::move(keySet), others = std::move(others)](const FetchRequest& request) -> FetchResult {
        if (request.method != "GET") return others(request);
        const std::size_t mark = request.url.find(wellKnown);
        if (mark == std::string::npos) return FetchAnswer{200, keySet, "application/json"};
        const std::string issuer = issuerOf(request.url, mark);
        return FetchAnswer{200, Json{{"issuer", issuer}, {"jwks_uri", issuer + "/keys"}}.dump(), "application/json"};
    };
}

} // namespace gatehouse::cli
