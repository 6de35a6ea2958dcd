#include "auth/credential.hpp"

#include <algorithm>
#include <array>

#include <gatehouse/ascii.hpp>

namespace gatehouse {

namespace {

constexpr std::string_view noScheme = "none"; // the header holds the bare token

constexpr std::array<bool, 256> token68Chars = [] {
    std::array<bool, 256> table{};
    for (int c = 0; c < 128; ++c) table[static_cast<std::size_t>(c)] = isAlphanumeric(static_cast<char>(c));
    for (const char c : std::string_view("-._~+/")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

// token68 of RFC 9110 11.2, which the b64token of RFC 6750 is.
bool isToken68(std::string_view text) {
    const std::size_t body = text.find_last_not_of('=') + 1;
    if (body == 0) return false;
    return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(body),
                       [](char c) { return token68Chars[static_cast<unsigned char>(c)]; });
}

// What people put where the token should stand; for the log.
const char* faultOf(std::string_view text) {
    const auto begins = [&](std::string_view start) {
        return text.size() >= start.size() && equalsIgnoringCase(text.substr(0, start.size()), start);
    };
    if (text.empty()) return "no token after the scheme";
    if (begins("Bearer ")) return "the word Bearer is repeated";
    if (text.front() == '"' || text.front() == '\'') return "there are quotes around the token";
    if (text.front() == '<') return "a placeholder in angle brackets instead of a token";
    if (text.front() == '$' || begins("{") || begins("%"))
        return "a variable that the client did not replace by its value";
    return "characters that no token has";
}

bool queryHasToken(std::string_view query) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        if (equalsIgnoringCase(pair.substr(0, pair.find('=')), "access_token")) return true;
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
    }
    return false;
}

CredentialResult parsed(std::string_view value, const ValidatorTraits& traits) {
    if (traits.scheme == noScheme) {
        if (!isToken68(value)) return BrokenCredential{false, faultOf(value)};
        return Credential{value, noScheme};
    }
    const std::size_t space = value.find(' ');
    const std::string_view scheme = value.substr(0, space);
    if (!equalsIgnoringCase(scheme, traits.scheme))
        return BrokenCredential{false, "another scheme than the validator's"};
    std::string_view token = space == std::string_view::npos ? std::string_view() : value.substr(space);
    while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
    if (!isToken68(token)) return BrokenCredential{false, faultOf(token)};
    return Credential{token, scheme};
}

} // namespace

CredentialResult readCredential(const std::vector<HeaderField>& fields, std::string_view query,
                                const ValidatorTraits& traits) {
    const HeaderField* found = nullptr;
    std::size_t count = 0;
    for (const HeaderField& field : fields) {
        if (!equalsIgnoringCase(field.name, traits.header)) continue;
        found = &field;
        ++count;
    }
    const bool inQuery = queryHasToken(query);
    if (count > 1 || (count == 1 && inQuery)) return BrokenCredential{true, "two credentials"};
    if (count == 0) return NoCredential{};
    return parsed(found->value, traits);
}

CredentialResult readCookie(const std::vector<HeaderField>& fields, std::string_view name) {
    std::string_view found;
    for (const HeaderField& field : fields) {
        if (!equalsIgnoringCase(field.name, "Cookie")) continue;
        for (std::string_view rest = field.value; !rest.empty();) {
            std::string_view pair = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
            while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
            if (pair.substr(0, pair.find('=')) != name || pair.size() <= name.size()) continue;
            if (!found.empty()) return BrokenCredential{true, "two session cookies"};
            found = pair.substr(name.size() + 1);
        }
    }
    if (found.empty()) return NoCredential{};
    if (!isToken68(found)) return BrokenCredential{false, "a cookie that is no session's"};
    return Credential{found, "Cookie"};
}

} // namespace gatehouse
