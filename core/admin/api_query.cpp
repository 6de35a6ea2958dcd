#include "admin/api_query.hpp"

#include <algorithm>

#include "admin/api_error.hpp"
#include "base/percent.hpp"
#include "tokens/token_request.hpp"

namespace gatehouse::admin {

namespace {

enum class Unknown { refused, ignored };

Query readQuery(const std::string& text, const std::vector<std::string_view>& allowed, Unknown unknown) {
    Query out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('&', at), text.size());
        std::string pair = text.substr(at, end - at);
        at = end + 1;
        if (pair.empty()) continue;
        std::replace(pair.begin(), pair.end(), '+', ' ');
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = percentDecoded(pair.substr(0, equals));
        const auto value = percentDecoded(pair.substr(std::min(equals + 1, pair.size())));
        const bool isKnown = name && value && std::find(allowed.begin(), allowed.end(), *name) != allowed.end();
        if (!isKnown && unknown == Unknown::ignored) continue;
        refuseIf(!isKnown, 400, "invalid_parameter", "the query has a parameter that is not known here");
        refuseIf(!out.emplace(*name, *value).second, 400, "invalid_parameter", *name + ": is given twice");
    }
    return out;
}

} // namespace

Query queryFrom(const std::string& text, const std::vector<std::string_view>& allowed) {
    return readQuery(text, allowed, Unknown::refused);
}

Query knownIn(const std::string& text, const std::vector<std::string_view>& known) {
    return readQuery(text, known, Unknown::ignored);
}

std::int64_t numberIn(const Query& query, const char* name, const NumberRange& range) {
    const auto given = query.find(name);
    if (given == query.end()) return range.usual;
    const std::string& text = given->second;
    const bool isNumber =
        !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
    const std::int64_t number = isNumber ? std::stoll(text) : -1;
    refuseIf(number < range.least || number > range.most, 400, "invalid_parameter",
             std::string(name) + ": expected a whole number from " + std::to_string(range.least) + " to " +
                 std::to_string(range.most));
    return number;
}

std::optional<std::chrono::seconds> durationIn(const Query& query, const char* name) {
    const auto given = query.find(name);
    if (given == query.end()) return std::nullopt;
    const auto time = durationFrom(given->second);
    refuseIf(!time, 400, "invalid_parameter", std::string(name) + ": expected a time such as 24h or 7d");
    return time;
}

} // namespace gatehouse::admin
