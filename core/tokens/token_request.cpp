#include "tokens/token_request.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <gatehouse/border.hpp>

#include "base/joined.hpp"
#include "base/network_address.hpp"
#include "base/time_text.hpp"

namespace gatehouse {

namespace {

constexpr std::size_t maxText = 2'000; // characters of a description
constexpr std::size_t maxItem = 200;   // characters of a scope, a pattern, a label
constexpr std::size_t maxItems = 100;  // of one list
constexpr std::int64_t maxCalls = 1'000'000'000;

bool hasControl(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// Code points that stand for nothing and are not to be exchanged (RFC 7493 section 2.1); YAML has no way to write them.
bool hasNonCharacter(std::string_view utf8) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(utf8[at]); };
    for (std::size_t at = 0; at + 3 <= utf8.size(); ++at) {
        const bool isArabicBlock =
            byte(at) == 0xEF && byte(at + 1) == 0xB7 && byte(at + 2) >= 0x90 && byte(at + 2) <= 0xAF;
        const bool endsPlane = byte(at + 1) == 0xBF && byte(at + 2) >= 0xBE; // of U+nFFFE and U+nFFFF
        const bool isOfPlane = byte(at) == 0xEF || (at > 0 && byte(at - 1) >= 0xF0 && (byte(at) & 0x0F) == 0x0F);
        if (isArabicBlock || (endsPlane && isOfPlane)) return true;
    }
    return false;
}

// Of UTF-8, in code points.
std::size_t charactersIn(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Reads one member strictly: a number in quotes is no number.
class Member {
public:
    Member(const std::string& name, const Json& value) : name_(name), value_(value) {}

    std::string text(std::size_t least, std::size_t most) const {
        if (!value_.is_string()) wrong("expected a string");
        std::string text = value_.get<std::string>();
        if (text.size() < least) wrong("is empty");
        if (!border::isUtf8(text)) wrong("is no UTF-8");
        if (charactersIn(text) > most) wrong("is longer than " + std::to_string(most) + " characters");
        if (hasControl(text)) wrong("has a control character");
        if (hasNonCharacter(text)) wrong("has a code point that is no character");
        return text;
    }
    std::int64_t number(std::int64_t least, std::int64_t most) const {
        const bool isNumber = value_.is_number_integer() && !isTooLarge();
        if (!isNumber || value_.get<std::int64_t>() < least || value_.get<std::int64_t>() > most)
            wrong("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return value_.get<std::int64_t>();
    }
    WallTime time() const {
        const auto time = value_.is_string() ? parseRfc3339(value_.get<std::string>()) : std::nullopt;
        if (!time) wrong("expected a time such as 2026-01-31T12:00:00Z");
        return *time;
    }
    std::vector<std::string> list() const {
        if (!value_.is_array()) wrong("expected a list of strings");
        if (value_.size() > maxItems) wrong("has more than " + std::to_string(maxItems) + " entries");
        std::vector<std::string> out;
        for (const Json& item : value_) {
            const std::string text = Member(name_, item).text(1, maxItem);
            if (text.find_first_of(" \"\\") != std::string::npos) wrong("\"" + text + "\" has a blank, \" or \\ in it");
            if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(text);
        }
        return out;
    }
    NameRules rules() const {
        if (!value_.is_object()) wrong(R"(expected {"allow": [...], "deny": [...]})");
        NameRules out;
        for (const auto& item : value_.items()) {
            if (item.key() != "allow" && item.key() != "deny") wrong("unknown member " + item.key());
            (item.key() == "allow" ? out.allow : out.deny) = Member(name_ + "." + item.key(), item.value()).list();
        }
        return out;
    }
    std::map<std::string, std::string> labels() const {
        if (!value_.is_object() || value_.size() > maxItems) wrong("expected a map of strings");
        std::map<std::string, std::string> out;
        for (const auto& item : value_.items()) {
            if (item.key().empty() || charactersIn(item.key()) > maxItem || hasControl(item.key()) ||
                hasNonCharacter(item.key()))
                wrong("a key is unusable");
            out[item.key()] = Member(name_ + "." + item.key(), item.value()).text(0, maxItem);
        }
        return out;
    }
    [[noreturn]] void wrong(const std::string& words) const { throw TokenRequestError(name_, words); }
    [[noreturn]] void cannotBe(const std::string& words) const { throw TokenRequestImpossible(name_, words); }

private:
    bool isTooLarge() const {
        return value_.is_number_unsigned() && value_.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    }
    const std::string name_;
    const Json& value_;
};

NameRules networksIn(const Member& member) {
    NameRules rules = member.rules();
    for (const auto* list : {&rules.allow, &rules.deny})
        for (const std::string& text : *list)
            if (!AddressRange::parse(text))
                member.wrong("expected addresses or ranges such as 10.0.0.0/8, got \"" + text + "\"");
    return rules;
}

std::vector<std::string> scopesIn(const Member& member) {
    auto scopes = member.list();
    if (scopes.empty()) member.wrong("is empty");
    return scopes;
}

WallTime endIn(const Member& member, WallTime now) {
    const WallTime end = member.time();
    if (end <= now) member.cannotBe("is in the past");
    if (end > now + std::chrono::hours(24 * maxExpiryDays)) member.cannotBe("is more than 365 days from now");
    return end;
}

// Before there were any of these tokens, no time is meant.
WallTime beginIn(const Member& member) {
    const WallTime begin = member.time();
    if (begin < WallTime{} || begin > WallTime(std::chrono::hours(24 * 365 * 1000)))
        member.cannotBe("expected a time from 1970 on");
    return begin;
}

using Apply = void (*)(const Member&, WallTime now, TokenEntry&);

const std::map<std::string_view, Apply>& appliers() {
    static const std::map<std::string_view, Apply> all{
        {"name", [](const Member& m, WallTime, TokenEntry& e) { e.record.note = m.text(1, maxTokenName); }},
        {"description", [](const Member& m, WallTime, TokenEntry& e) { e.description = m.text(0, maxText); }},
        {"labels", [](const Member& m, WallTime, TokenEntry& e) { e.labels = m.labels(); }},
        {"owner", [](const Member& m, WallTime, TokenEntry& e) { e.owner = m.text(1, maxTokenName); }},
        {"scopes", [](const Member& m, WallTime, TokenEntry& e) { e.terms.scopes = scopesIn(m); }},
        {"expires_in_days",
         [](const Member& m, WallTime now, TokenEntry& e) {
             e.record.expiresAt = now + std::chrono::hours(24) * m.number(1, maxExpiryDays);
         }},
        {"expires_at", [](const Member& m, WallTime now, TokenEntry& e) { e.record.expiresAt = endIn(m, now); }},
        {"not_before", [](const Member& m, WallTime, TokenEntry& e) { e.notBefore = beginIn(m); }},
        {"rate_limit", [](const Member& m, WallTime, TokenEntry& e) { e.terms.callsPerHour = m.number(1, maxCalls); }},
        {"burst", [](const Member& m, WallTime, TokenEntry& e) { e.terms.burst = m.number(1, maxCalls); }},
        {"max_calls", [](const Member& m, WallTime, TokenEntry& e) { e.terms.maxCalls = m.number(1, maxCalls); }},
        {"networks", [](const Member& m, WallTime, TokenEntry& e) { e.terms.networks = networksIn(m); }},
        {"tools", [](const Member& m, WallTime, TokenEntry& e) { e.terms.tools = m.rules(); }},
        {"databases", [](const Member& m, WallTime, TokenEntry& e) { e.terms.databases = m.list(); }},
        {"max_idle_days", [](const Member& m, WallTime, TokenEntry& e) { e.maxIdleDays = m.number(1, 3650); }}};
    return all;
}

} // namespace

void applyRequest(const Json& request, const std::vector<std::string_view>& allowed, WallTime now, TokenEntry& entry) {
    if (!request.is_object()) throw TokenRequestError("body", "expected a JSON object");
    if (request.contains("expires_in_days") && request.contains("expires_at"))
        throw TokenRequestError("expires_at", "is given beside expires_in_days; expected one of them");
    for (const auto& item : request.items()) {
        const auto known = appliers().find(item.key());
        if (known == appliers().end() || std::find(allowed.begin(), allowed.end(), item.key()) == allowed.end())
            throw TokenRequestError(
                item.key(), "cannot be given here; expected any of " + joined({allowed.begin(), allowed.end()}, ", "));
        known->second(Member(item.key(), item.value()), now, entry);
    }
    if (entry.notBefore >= entry.record.expiresAt)
        throw TokenRequestImpossible("not_before", "is not before the token ends");
}

std::string shownTextFrom(const std::string& name, const Json& value) {
    return Member(name, value).text(0, maxTokenName);
}

std::optional<std::chrono::seconds> durationFrom(std::string_view text) {
    constexpr std::int64_t century = 100LL * 365 * 86400;
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end + 1 != text.data() + text.size() || count < 0) return std::nullopt;
    constexpr std::pair<char, std::int64_t> units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
    for (const auto& [unit, seconds] : units)
        if (unit == *end && count <= century / seconds) return std::chrono::seconds(count * seconds);
    return std::nullopt;
}

} // namespace gatehouse
