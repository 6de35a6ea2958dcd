#include "schema/pattern_translator.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <gatehouse/ascii.hpp>

namespace gatehouse::schema {

namespace {

// What goes between the brackets of a class.
constexpr std::string_view spaces =
    R"(\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view notSpaces =
    R"(\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e})"
    R"(\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";

// ECMA-262, table of values for General_Category. RE2 knows the short ones only.
constexpr std::array<std::pair<std::string_view, std::string_view>, 38> categories{{
    {"punct", "P"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Uppercase_Letter", "Lu"},
    {"digit", "Nd"},
}};

std::optional<std::uint32_t> hexValue(std::string_view digits) {
    std::uint32_t value = 0;
    for (const char c : digits) {
        const auto at = std::string_view("0123456789abcdefABCDEF").find(c);
        if (at == std::string_view::npos) return std::nullopt;
        value = value * 16 + static_cast<std::uint32_t>(at < 16 ? at : at - 6);
    }
    if (digits.empty() || digits.size() > 6 || value > 0x10FFFF) return std::nullopt;
    return value;
}

std::string_view shortCategory(std::string_view name) {
    for (const auto& [longName, shortName] : categories)
        if (name == longName) return shortName;
    return name;
}

// One pass, left to right, one token at a time, without a tree: each construct of ECMA-262 is written as what means the
// same to RE2. Every character that is not a letter or a digit goes out as \x{...}, so that nothing of RE2's own syntax
// (flags, \Q, POSIX classes) can come in by way of a pattern. What is left out, such as the balance of groups and the
// order of ranges, is for RE2 to refuse; RE2 needs time linear in the text, which is why it is used.
class Translator {
public:
    explicit Translator(std::string_view pattern) : rest_(pattern) {}

    std::string translate() {
        while (!rest_.empty()) token();
        return std::move(out_);
    }

private:
    char next() {
        if (rest_.empty()) throw PatternError("it ends too early");
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    bool skip(std::string_view text) {
        if (rest_.substr(0, text.size()) != text) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    void token() {
        const char c = next();
        switch (c) {
            case '\\': return escape(false);
            case '[': return bracket();
            case '(': return group();
            case '{': return brace();
            case '.': out_ += R"([^\n\r\x{2028}\x{2029}])"; return;
            case '^': out_ += R"(\A)"; return;
            case '$': out_ += R"(\z)"; return;
            case ')':
            case '|':
            case '*':
            case '+':
            case '?': out_ += c; return;
            default: literal(c);
        }
    }

    // Of a character beyond ASCII each byte is passed on; RE2 sees whether it is UTF-8.
    void literal(char c) {
        if (isAlphanumeric(c) || static_cast<unsigned char>(c) >= 0x80) out_ += c;
        else codePoint(static_cast<unsigned char>(c));
    }

    void codePoint(std::uint32_t point) {
        if (point >= 0xD800 && point <= 0xDFFF) throw PatternError("half of a surrogate pair is no character");
        out_ += "\\x{";
        for (int shift = 20; shift >= 0; shift -= 4) out_ += "0123456789abcdef"[point >> shift & 15];
        out_ += '}';
    }

    void group() {
        out_ += "(?:";
        if (!skip("?") || skip(":")) return;
        if (skip("=") || skip("!")) throw PatternError("look-ahead is not supported");
        if (skip("<=") || skip("<!")) throw PatternError("look-behind is not supported");
        const std::size_t end = rest_.find('>');
        if (!skip("<") || end == std::string_view::npos) throw PatternError("an unknown kind of group after (?");
        rest_.remove_prefix(end);
    }

    // A quantifier, or else a character like any other.
    void brace() {
        const std::size_t end = rest_.find('}');
        const std::string_view inside = rest_.substr(0, end == std::string_view::npos ? 0 : end);
        const bool isCount = !inside.empty() && inside.front() != ',' &&
                             inside.find_first_not_of("0123456789,") == std::string_view::npos &&
                             std::count(inside.begin(), inside.end(), ',') <= 1;
        if (!isCount) return literal('{');
        out_ += '{';
        out_ += inside;
        out_ += '}';
        rest_.remove_prefix(end + 1);
    }

    void bracket() {
        const bool isNegated = skip("^");
        if (skip("]")) {
            out_ += isNegated ? R"([\x{0}-\x{10ffff}])" : R"([^\x{0}-\x{10ffff}])";
            return;
        }
        out_ += isNegated ? "[^" : "[";
        for (char c = next(); c != ']'; c = next()) {
            if (c == '\\') escape(true);
            else if (c == '-') out_ += c;
            else literal(c);
        }
        out_ += ']';
    }

    void characters(bool inClass, std::string_view set) {
        if (!inClass) out_ += '[';
        out_ += set;
        if (!inClass) out_ += ']';
    }

    void escape(bool inClass) {
        const char c = next();
        switch (c) {
            case 'd':
            case 'D':
            case 'w':
            case 'W': (out_ += '\\') += c; return;
            case 's': return characters(inClass, spaces);
            case 'S': return characters(inClass, notSpaces);
            case 'b': inClass ? codePoint(8) : void(out_ += "\\b"); return;
            case 'p':
            case 'P': return property(inClass, c == 'P');
            case 't': return codePoint(9);
            case 'n': return codePoint(10);
            case 'v': return codePoint(11);
            case 'f': return codePoint(12);
            case 'r': return codePoint(13);
            case 'c': return control();
            case 'x': return codePoint(hex(2));
            case 'u': return unicode();
            default: return rareEscape(inClass, c);
        }
    }

    void rareEscape(bool inClass, char c) {
        if (c == 'B' && !inClass) out_ += "\\B";
        else if (c == '0' && (rest_.empty() || rest_.front() < '0' || rest_.front() > '9')) codePoint(0);
        else if ((c >= '1' && c <= '9') || c == 'k') throw PatternError("back references are not supported");
        else if (isAlphanumeric(c)) throw PatternError(std::string("\\") + c + " means nothing");
        else literal(c);
    }

    void control() {
        const char letter = next();
        if (!isAlphanumeric(letter) || letter <= '9') throw PatternError("\\c needs a letter");
        codePoint(static_cast<std::uint32_t>(letter) % 32);
    }

    std::uint32_t hex(std::size_t digits) {
        const auto value = rest_.size() < digits ? std::nullopt : hexValue(rest_.substr(0, digits));
        if (!value) throw PatternError("\\x and \\u need hexadecimal digits");
        rest_.remove_prefix(digits);
        return *value;
    }

    void unicode() {
        if (skip("{")) {
            const std::size_t end = rest_.find('}');
            if (end == std::string_view::npos) throw PatternError("\\u{ has no }");
            codePoint(hex(end));
            rest_.remove_prefix(1);
            return;
        }
        const std::uint32_t first = hex(4);
        if (first < 0xD800 || first > 0xDBFF || !skip("\\u")) return codePoint(first);
        const std::uint32_t second = hex(4);
        if (second < 0xDC00 || second > 0xDFFF) return codePoint(first); // refused there
        codePoint(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
    }

    void property(bool inClass, bool isNegated) {
        const std::size_t end = skip("{") ? rest_.find('}') : std::string_view::npos;
        if (end == std::string_view::npos) throw PatternError("\\p needs a name in braces");
        std::string_view name = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        for (const std::string_view key : {"General_Category=", "gc=", "Script=", "sc="})
            if (name.substr(0, key.size()) == key) name.remove_prefix(key.size());
        if (name == "ASCII") return characters(inClass, isNegated ? R"(\x{80}-\x{10ffff})" : R"(\x{0}-\x{7f})");
        if (name == "LC" || name == "Cased_Letter") return cased(inClass, isNegated);
        ((out_ += isNegated ? "\\P{" : "\\p{") += shortCategory(name)) += '}';
    }

    void cased(bool inClass, bool isNegated) {
        if (isNegated && inClass) throw PatternError("\\P{LC} in a class is not supported");
        if (isNegated) out_ += R"([^\p{Lu}\p{Ll}\p{Lt}])";
        else characters(inClass, R"(\p{Lu}\p{Ll}\p{Lt})");
    }

    std::string_view rest_;
    std::string out_;
};

} // namespace

std::string toRe2(std::string_view pattern) { return Translator(pattern).translate(); }

} // namespace gatehouse::schema
