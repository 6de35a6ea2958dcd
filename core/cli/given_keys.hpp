// Key sets from a file instead of their provider, for `gatehouse explain --keys` where the provider cannot be reached.
// Threads: any; nothing is kept but the text.
#pragma once

#include <functional>
#include <string>

#include <gatehouse/host.hpp>

namespace gatehouse::cli {

using Fetch = std::function<FetchResult(const FetchRequest&)>;

// Answers every GET: a discovery document (OpenID Connect Discovery 1.0, RFC 8414) for the issuer that the URL names,
// and the key set for everything else. What is posted (introspection, token exchange) is still fetched by `others`.
Fetch fetchWithKeys(std::string keySet, Fetch others);

} // namespace gatehouse::cli
