#include "table_name.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::sql {

namespace {

std::string_view withoutBlanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f";
    const std::size_t from = text.find_first_not_of(blanks);
    return from == std::string_view::npos ? std::string_view()
                                          : text.substr(from, text.find_last_not_of(blanks) + 1 - from);
}

// Reads a name behind its opening quote; the quote doubled stands for itself.
std::optional<std::string> quotedName(std::string_view& rest, char end) {
    std::string name;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] != end) {
            name += rest[i];
            continue;
        }
        if (end == ']' || i + 1 == rest.size() || rest[i + 1] != end) {
            rest.remove_prefix(i + 1);
            return name;
        }
        name += rest[i++];
    }
    return std::nullopt;
}

// A name at the front of `rest`, which then begins behind it.
std::optional<std::string> parseName(std::string_view& rest) {
    rest = withoutBlanks(rest);
    if (rest.empty()) return std::nullopt;
    switch (rest.front()) {
        case '"':
        case '`': return quotedName(rest, rest.front());
        case '[': return quotedName(rest, ']');
        default: break;
    }
    const std::string_view name = withoutBlanks(rest.substr(0, rest.find('.')));
    rest.remove_prefix(std::min(rest.size(), rest.find('.')));
    return std::string(name);
}

std::optional<TableName> sqlName(std::string_view text) {
    std::string_view rest = text;
    auto first = parseName(rest);
    rest = withoutBlanks(rest);
    if (!first || first->empty() || withoutBlanks(text) != text) return std::nullopt;
    if (rest.empty()) return TableName{*std::move(first), ""};
    if (rest.front() != '.') return std::nullopt;
    rest.remove_prefix(1);
    auto second = parseName(rest);
    if (!second || second->empty() || !withoutBlanks(rest).empty()) return std::nullopt;
    return TableName{*std::move(second), *std::move(first)};
}

} // namespace

std::vector<TableName> tableNames(std::string_view text) {
    if (text.empty() || text.find('\0') != std::string_view::npos) return {};
    std::vector<TableName> names{{std::string(text), ""}};
    if (auto sql = sqlName(text); sql && (sql->name != text || !sql->schema.empty())) names.push_back(*std::move(sql));
    return names;
}

} // namespace gatehouse::sql
