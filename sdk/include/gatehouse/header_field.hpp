// HeaderField: one field of an HTTP head (RFC 9110 section 5).
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <gatehouse/ascii.hpp>

namespace gatehouse {

struct HeaderField {
    std::string_view name; // as sent; compare without case
    std::string_view value;
};

// The value of the first field of that name; field names are compared without case (RFC 9110 section 5.1).
inline std::optional<std::string_view> findHeader(const std::vector<HeaderField>& fields, std::string_view name) {
    const auto same = [&](const HeaderField& field) { return equalsIgnoringCase(field.name, name); };
    const auto found = std::find_if(fields.begin(), fields.end(), same);
    if (found == fields.end()) return std::nullopt;
    return found->value;
}

} // namespace gatehouse
