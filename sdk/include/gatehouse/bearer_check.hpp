// A check for handlers that are given the headers of a request: is the expected bearer token in it?
//
// For in-house code next to a validator; the server itself asks its validator before any handler runs.
// Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <gatehouse/ascii.hpp>
#include <gatehouse/token_validator.hpp>

namespace gatehouse {

// Constant time for texts of the same length, against timing attacks.
inline bool sameText(std::string_view given, std::string_view secret) {
    unsigned different = given.size() == secret.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const char wanted = secret.empty() ? '\0' : secret[i % secret.size()];
        different |= static_cast<unsigned char>(given[i] ^ wanted);
    }
    return different == 0 && !secret.empty();
}

// True when exactly one header of that name holds "Bearer <expected>" (RFC 6750 section 2.1). An empty `expected` is no
// token: nothing matches it. Whoever wants no check at all does not call this.
inline bool hasBearerToken(const std::vector<HeaderField>& headers, std::string_view expected,
                           std::string_view headerName = "Authorization") {
    constexpr std::string_view scheme = "bearer";
    std::string_view value;
    std::size_t count = 0;
    for (const HeaderField& field : headers) {
        if (!equalsIgnoringCase(field.name, headerName)) continue;
        value = field.value;
        ++count;
    }
    if (count != 1 || value.size() <= scheme.size() || !equalsIgnoringCase(value.substr(0, scheme.size()), scheme))
        return false;
    value.remove_prefix(scheme.size());
    if (value.front() != ' ') return false;
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return sameText(value, expected);
}

} // namespace gatehouse
