#include "text_pattern.hpp"

#include <cstring>

#include "utf8_text.hpp"

namespace gatehouse::sql {

// LIKE and GLOB as SQLite has them, but without its recursion. On a mismatch one more character is given to the last
// star; earlier stars need not be tried again, because what they took was the shortest. So the time is at most that of
// pattern times text, and all of it is charged to the statement's watch, which can end it.

namespace {

std::uint32_t lower(std::uint32_t c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }
std::uint32_t upper(std::uint32_t c) { return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c; }

class Matcher {
public:
    Matcher(const unsigned char* pattern, const unsigned char* text, const PatternRules& rules, StatementWatch& watch)
        : pattern_(pattern), text_(text), rules_(rules), work_(watch) {}

    PatternVerdict run() {
        while (true) {
            const unsigned char* const from = pattern_;
            const bool fits = oneElement();
            if (work_.add(static_cast<std::size_t>(pattern_ - from) + 1)) return PatternVerdict::ended;
            if (isDone_) return PatternVerdict::match;
            if (!fits && !fromLastStar()) return PatternVerdict::noMatch;
        }
    }

private:
    bool oneElement() {
        std::uint32_t wanted = readCharacter(pattern_);
        if (wanted == 0) return isDone_ = *text_ == 0;
        if (wanted == rules_.matchAll) return star();
        if (rules_.hasSets && wanted == '[') return set();
        const bool isEscaped = rules_.escape != 0 && wanted == rules_.escape;
        if (isEscaped && (wanted = readCharacter(pattern_)) == 0) return false;
        const std::uint32_t got = readCharacter(text_);
        if (got == 0) return false;
        if (wanted == got || (!isEscaped && rules_.matchOne != 0 && wanted == rules_.matchOne)) return true;
        return rules_.foldsCase && wanted < 0x80 && got < 0x80 && lower(wanted) == lower(got);
    }

    bool star() {
        starPattern_ = pattern_;
        starText_ = text_;
        if (*pattern_ == 0) isDone_ = true;
        return true;
    }

    // One more character belongs to the last star. With that, all earlier stars are settled.
    bool fromLastStar() {
        if (!starPattern_ || readCharacter(starText_) == 0) return false;
        skipToFirst(*starPattern_);
        text_ = starText_;
        pattern_ = starPattern_;
        return true;
    }

    // An ordinary character behind the star: the text goes on where it is.
    void skipToFirst(std::uint32_t c) {
        const bool isPlain = c != 0 && c < 0x80 && c != rules_.matchAll && c != rules_.matchOne && c != rules_.escape &&
                             !(rules_.hasSets && c == '[');
        if (!isPlain) return;
        const char either[] = {static_cast<char>(rules_.foldsCase ? lower(c) : c),
                               static_cast<char>(rules_.foldsCase ? upper(c) : c), 0};
        const std::size_t skipped = std::strcspn(reinterpret_cast<const char*>(starText_), either);
        starText_ += skipped;
        work_.postpone(skipped / 4);
    }

    bool set() {
        const std::uint32_t got = readCharacter(text_);
        if (got == 0) return false;
        std::uint32_t c = readCharacter(pattern_), before = 0;
        const bool isInverted = c == '^';
        if (isInverted) c = readCharacter(pattern_);
        bool isSeen = c == ']' && got == ']';
        if (c == ']') c = readCharacter(pattern_);
        for (; c != 0 && c != ']'; c = readCharacter(pattern_)) {
            if (c == '-' && *pattern_ != ']' && *pattern_ != 0 && before > 0) {
                c = readCharacter(pattern_);
                if (got >= before && got <= c) isSeen = true;
                before = 0;
                continue;
            }
            if (got == c) isSeen = true;
            before = c;
        }
        return c != 0 && isSeen != isInverted;
    }

    const unsigned char* pattern_;
    const unsigned char* text_;
    const PatternRules& rules_;
    WatchedWork work_;
    const unsigned char* starPattern_ = nullptr;
    const unsigned char* starText_ = nullptr;
    bool isDone_ = false;
};

} // namespace

std::uint32_t readCharacter(const unsigned char*& text) {
    if (*text == 0) return 0;
    std::uint32_t c = *text++;
    if (c < 0xC0) return c;
    c &= c < 0xE0 ? 0x1F : c < 0xF0 ? 0x0F : c < 0xF8 ? 0x07 : c < 0xFC ? 0x03 : c < 0xFE ? 0x01 : 0x00;
    while (isContinuation(static_cast<char>(*text))) c = (c << 6) + (*text++ & 0x3F);
    const bool isNone = c < 0x80 || (c & 0xFFFFF800) == 0xD800 || (c & 0xFFFFFFFE) == 0xFFFE;
    return isNone ? 0xFFFD : c;
}

PatternVerdict matchPattern(const unsigned char* pattern, const unsigned char* text, const PatternRules& rules,
                            StatementWatch& watch) {
    return Matcher(pattern, text, rules, watch).run();
}

} // namespace gatehouse::sql
