// The query of a request of the token API. Throws ApiError (400). Threads: any; nothing is kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::admin {

using Query = std::map<std::string, std::string>;

// "a=b&c=d" with percent encoding, + as a blank. No name that is not `allowed`, none twice.
Query queryFrom(const std::string& text, const std::vector<std::string_view>& allowed);
// The same, but names that are not `known` are ignored, as OAuth wants it of answers (RFC 6749 section 4.1.2).
Query knownIn(const std::string& text, const std::vector<std::string_view>& known);

struct NumberRange {
    std::int64_t usual, least, most; // usual: where it is not given
};
std::int64_t numberIn(const Query& query, const char* name, const NumberRange& range);
std::optional<std::chrono::seconds> durationIn(const Query& query, const char* name);

} // namespace gatehouse::admin
