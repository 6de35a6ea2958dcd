// HeaderFields: the header fields of a request in their order, and where those stand that every request is asked for.
//
// Names are compared without case, RFC 9110 5.1; a name that occurs again keeps both its fields, 5.3. Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include <gatehouse/header_field.hpp>

#include "http/header_name.hpp"

namespace gatehouse::http {

// `value` comes without the white space around it (RFC 9110 5.5).
using Field = HeaderField;

class HeaderFields {
public:
    static constexpr std::size_t most = 255; // that add() takes

    HeaderFields() = default;
    HeaderFields(std::initializer_list<Field> fields) {
        for (const Field& field : fields) add(field);
    }
    HeaderFields(const std::vector<Field>& fields) {
        for (const Field& field : fields) add(field);
    }

    void add(const Field& field);
    void clear();

    // The first field of that name.
    std::optional<std::string_view> find(HeaderName name) const {
        const std::size_t at = first_[static_cast<std::size_t>(name)];
        return at == 0 ? std::nullopt : std::optional(fields_[at - 1].value);
    }
    std::optional<std::string_view> find(std::string_view name) const;
    // The only field of that name.
    std::optional<std::string_view> findOnly(HeaderName name) const {
        return isRepeated(name) ? std::nullopt : find(name);
    }
    bool has(HeaderName name) const { return first_[static_cast<std::size_t>(name)] != 0; }
    bool isRepeated(HeaderName name) const { return ((repeated_ >> static_cast<unsigned>(name)) & 1u) != 0; }
    std::size_t count(std::string_view name) const;

    const std::vector<Field>& list() const { return fields_; }
    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    const Field& operator[](std::size_t at) const { return fields_[at]; }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

    // The buffer has moved: every view moves with it.
    void rebase(const char* from, const char* to);

private:
    std::vector<Field> fields_;
    std::array<std::uint8_t, headerNames> first_{}; // its place in fields_, counted from 1; 0: there is none
    std::uint16_t repeated_ = 0;                    // a bit for each name
    static_assert(headerNames <= 16);
};

} // namespace gatehouse::http
