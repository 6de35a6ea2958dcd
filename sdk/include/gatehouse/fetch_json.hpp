// fetchJson: asks a service about a token, through the host.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <gatehouse/verdict_builder.hpp>

namespace gatehouse {

// The JSON object that the request is answered with, such as a formRequest (form.hpp); or what to answer instead: 401,
// 403 and 404 reject the token as unknown, everything else is "unavailable".
// Blocks: only in a validator that does not run inline.
inline std::variant<Json, Verdict> fetchJson(const Host& host, const FetchRequest& request) {
    const FetchResult result = host.fetch(request);
    if (const auto* fault = std::get_if<FetchFault>(&result)) return unavailable(fault->words);
    const auto& answer = std::get<FetchAnswer>(result);
    const std::string said = request.url + " answered " + std::to_string(answer.status);
    if (answer.status == 401 || answer.status == 403 || answer.status == 404) return reject(Reason::unknown, said);
    Json object = Json::parse(answer.body, nullptr, false);
    if (answer.status == 200 && object.is_object()) return object;
    return unavailable(answer.status == 200 ? said + " without a JSON object" : said);
}
// The same for GET `url` with the token as bearer token (RFC 6750 section 2.1).
inline std::variant<Json, Verdict> fetchJson(const Host& host, const std::string& url, std::string_view token) {
    FetchRequest request;
    request.url = url;
    request.headers = {{"Authorization", "Bearer " + std::string(token)}, {"Accept", "application/json"}};
    return fetchJson(host, request);
}

} // namespace gatehouse
