#include "tokens/token_text.hpp"

#include <charconv>
#include <chrono>

#include "base/random.hpp"
#include "base/time_text.hpp"

namespace gatehouse {

namespace {

using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;

constexpr const char* formats = "use a number and h, d, w or y (12h, 30d, 2w, 1y), or never";

std::optional<std::chrono::hours> hoursOf(char unit) {
    switch (unit) {
        case 'h': return std::chrono::hours(1);
        case 'd': return std::chrono::hours(24);
        case 'w': return std::chrono::hours(24 * 7);
        case 'y': return std::chrono::hours(24 * 365);
        default: return std::nullopt;
    }
}

std::string counted(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

} // namespace

std::string newToken() { return randomBase64Url(32, true); }

std::string newTokenId() {
    std::uint64_t number = 0;
    for (const char c : randomBytes(8)) number = number << 8 | static_cast<unsigned char>(c);
    return "token-" + std::to_string(1'000'000'000 + number % 9'000'000'000);
}

std::variant<WallTime, std::string> expiryFrom(std::string_view text, WallTime now) {
    if (text == "never") return never;
    const std::string shown(text);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto left = static_cast<std::size_t>(text.data() + text.size() - end);
    if (error == std::errc() && left == 1 && *end == 'm')
        return "expiry \"" + shown + "\": months are not directly supported, use days (" +
               (count > 0 && count <= 1200 ? std::to_string(count * 30) : "180") + "d)";
    const auto unit = left == 1 ? hoursOf(*end) : std::nullopt;
    if (error != std::errc() || !unit) return "expiry \"" + shown + "\": " + formats;
    if (count <= 0) return "expiry \"" + shown + "\": must lie in the future";
    if (count > 24 * 365 * 100 || *unit * count > std::chrono::hours(24 * 365 * 100))
        return "expiry \"" + shown + "\": more than 100 years; use never";
    return now + *unit * count;
}

std::string expiryWords(WallTime expiresAt, WallTime now) {
    if (expiresAt == never) return "Never";
    const auto left = expiresAt - now;
    const std::string words = left < Days(1) ? counted(std::chrono::round<std::chrono::hours>(left).count(), "hour")
                                             : counted(std::chrono::round<Days>(left).count(), "day");
    return date(expiresAt) + " (" + words + " from now)";
}

std::string goneWords(const GoneToken& token) {
    const auto at = [&](const char* words, WallTime time) { return token.id + words + dateTime(time) + " UTC"; };
    switch (token.why) {
        case GoneToken::Why::expired: return at(" expired at ", token.expiresAt);
        case GoneToken::Why::replaced: return at(" has another text since its rotation at ", token.goneAt);
        case GoneToken::Why::suspended: return at(" is suspended since ", token.goneAt);
        case GoneToken::Why::notYetValid: return at(" is valid from ", token.goneAt);
        case GoneToken::Why::removed: break;
    }
    const std::string why = token.because.empty() ? "" : ": " + token.because;
    return at(" was removed at ", token.goneAt) + why + " (token not found in database)";
}

std::string shortHash(std::string_view hex) { return std::string(hex.substr(0, 9)) + "..."; }

} // namespace gatehouse
