#include "http/header_fields.hpp"

#include <algorithm>

#include <gatehouse/ascii.hpp>

namespace gatehouse::http {

void HeaderFields::add(const Field& field) {
    fields_.push_back(field);
    const auto name = static_cast<std::size_t>(headerNameOf(field.name));
    if (name == headerNames) return;
    if (first_[name] != 0) repeated_ = static_cast<std::uint16_t>(repeated_ | (1u << name));
    else first_[name] = static_cast<std::uint8_t>(fields_.size());
}

void HeaderFields::clear() {
    fields_.clear();
    first_ = {};
    repeated_ = 0;
}

std::optional<std::string_view> HeaderFields::find(std::string_view name) const { return findHeader(fields_, name); }

std::size_t HeaderFields::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(begin(), end(), [&](const Field& field) { return equalsIgnoringCase(field.name, name); }));
}

void HeaderFields::rebase(const char* from, const char* to) {
    for (Field& field : fields_)
        field = {{to + (field.name.data() - from), field.name.size()},
                 field.value.data() ? std::string_view(to + (field.value.data() - from), field.value.size())
                                    : std::string_view()};
}

} // namespace gatehouse::http
