#include "bounded_functions.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include <sqlite3.h>

#include "json_merge.hpp"
#include "text_pattern.hpp"
#include "utf8_text.hpp"

namespace gatehouse::sql {

namespace {

constexpr int maxPatternBytes = 50'000; // SQLite's own limit
constexpr std::size_t searchWindow = 1 << 20;

enum TrimSide { left = 1, right = 2 };

struct ValueFree {
    void operator()(sqlite3_value* value) const { sqlite3_value_free(value); }
};
using OwnValue = std::unique_ptr<sqlite3_value, ValueFree>;

StatementWatch& watchOf(sqlite3_context* context) { return *static_cast<StatementWatch*>(sqlite3_user_data(context)); }

void fail(sqlite3_context* context, const char* why) { sqlite3_result_error(context, why, -1); }
void end(sqlite3_context* context) { sqlite3_result_error_code(context, SQLITE_INTERRUPT); }

const unsigned char* textOf(sqlite3_value* value) { return sqlite3_value_text(value); }

// The text of a value that is none for NULL, and when there is no memory.
std::optional<std::string_view> viewOf(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(textOf(value));
    if (!text) return std::nullopt;
    return std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

// Finds `needle` (not empty) again and again, and asks the watch on the way. Linear, as memmem is.
class Search {
public:
    Search(std::string_view haystack, std::string_view needle, StatementWatch& watch)
        : haystack_(haystack), needle_(needle), work_(watch) {}

    // The first place at or behind `from`; npos when there is none, or when the work was ended.
    std::size_t next(std::size_t from) {
        const std::size_t window = std::max(searchWindow, 2 * needle_.size());
        while (from + needle_.size() <= haystack_.size()) {
            const std::string_view part = haystack_.substr(from, window);
            const void* found = memmem(part.data(), part.size(), needle_.data(), needle_.size());
            const std::size_t at = found ? static_cast<std::size_t>(static_cast<const char*>(found) - part.data())
                                         : part.size() - needle_.size() + 1;
            isEnded_ = work_.add(at + needle_.size());
            if (isEnded_) return std::string_view::npos;
            from += at;
            if (found) return from;
        }
        return std::string_view::npos;
    }
    bool isEnded() const { return isEnded_; }

private:
    const std::string_view haystack_;
    const std::string_view needle_;
    WatchedWork work_;
    bool isEnded_ = false;
};

// In characters from 1, 0 for not found. A match starts where a character does.
std::optional<int> characterPlace(std::string_view haystack, std::string_view needle, StatementWatch& watch) {
    Search search(haystack, needle, watch);
    std::size_t at = search.next(0);
    while (at != std::string_view::npos && at > 0 && isContinuation(haystack[at])) at = search.next(at + 1);
    if (search.isEnded()) return std::nullopt;
    if (at == std::string_view::npos) return 0;
    const auto first = haystack.begin() + (at > 0 ? 1 : 0);
    const auto last = haystack.begin() + static_cast<std::ptrdiff_t>(at > 0 ? at + 1 : 0);
    return 1 + static_cast<int>(std::count_if(first, last, [](char byte) { return !isContinuation(byte); }));
}

std::optional<int> bytePlace(std::string_view haystack, std::string_view needle, StatementWatch& watch) {
    Search search(haystack, needle, watch);
    const std::size_t at = search.next(0);
    if (search.isEnded()) return std::nullopt;
    return at == std::string_view::npos ? 0 : static_cast<int>(at + 1);
}

std::string_view blobOf(sqlite3_value* value) {
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
    return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))) : std::string_view();
}

void resultPlace(sqlite3_context* context, std::optional<int> place) {
    if (place) sqlite3_result_int(context, *place);
    else end(context);
}

void instr(sqlite3_context* context, int, sqlite3_value** values) noexcept {
    const int hayType = sqlite3_value_type(values[0]), needleType = sqlite3_value_type(values[1]);
    if (hayType == SQLITE_NULL || needleType == SQLITE_NULL) return;
    if (sqlite3_value_bytes(values[1]) == 0) return sqlite3_result_int(context, 1);
    if (hayType == SQLITE_BLOB && needleType == SQLITE_BLOB)
        return resultPlace(context, bytePlace(blobOf(values[0]), blobOf(values[1]), watchOf(context)));
    const bool isMixed = (hayType == SQLITE_BLOB) != (needleType == SQLITE_BLOB);
    const OwnValue hayCopy(isMixed ? sqlite3_value_dup(values[0]) : nullptr); // reading text changes a blob
    const OwnValue needleCopy(isMixed ? sqlite3_value_dup(values[1]) : nullptr);
    if (isMixed && (!hayCopy || !needleCopy)) return sqlite3_result_error_nomem(context);
    const auto haystack = viewOf(isMixed ? hayCopy.get() : values[0]);
    const auto needle = viewOf(isMixed ? needleCopy.get() : values[1]);
    if (!needle) return sqlite3_result_error_nomem(context);
    resultPlace(context, characterPlace(haystack.value_or(std::string_view()), *needle, watchOf(context)));
}

// How often `pattern` is in the text, nothing when ended.
std::optional<std::size_t> occurrences(std::string_view text, std::string_view pattern, StatementWatch& watch) {
    Search search(text, pattern, watch);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = search.next(at)) != std::string_view::npos; at += pattern.size()) ++count;
    if (search.isEnded()) return std::nullopt;
    return count;
}

void writeReplaced(char* out, std::string_view text, std::string_view pattern, std::string_view by, Search& search) {
    std::size_t from = 0;
    for (std::size_t at = 0; (at = search.next(at)) != std::string_view::npos; from = at += pattern.size()) {
        out = std::copy(text.begin() + static_cast<std::ptrdiff_t>(from),
                        text.begin() + static_cast<std::ptrdiff_t>(at), out);
        out = std::copy(by.begin(), by.end(), out);
    }
    *std::copy(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), out) = '\0';
}

void replace(sqlite3_context* context, int, sqlite3_value** values) noexcept {
    const auto text = viewOf(values[0]), pattern = viewOf(values[1]);
    if (!text || !pattern) return;
    if (pattern->empty() || pattern->front() == '\0') return sqlite3_result_value(context, values[0]);
    const auto by = viewOf(values[2]);
    if (!by) return;
    StatementWatch& watch = watchOf(context);
    const auto count = occurrences(*text, *pattern, watch);
    if (!count) return end(context);
    const std::size_t size = text->size() - *count * pattern->size() + *count * by->size();
    const int most = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    if (size > static_cast<std::size_t>(most)) return sqlite3_result_error_toobig(context);
    auto* out = static_cast<char*>(sqlite3_malloc64(size + 1));
    if (!out) return sqlite3_result_error_nomem(context);
    Search search(*text, *pattern, watch);
    writeReplaced(out, *text, *pattern, *by, search);
    if (!search.isEnded()) return sqlite3_result_text64(context, out, size, sqlite3_free, SQLITE_UTF8);
    sqlite3_free(out);
    end(context);
}

// The characters to trim. ASCII ones are looked up; others are compared one by one, as SQLite does.
class TrimSet {
public:
    TrimSet(std::string_view set, StatementWatch& watch) : set_(set), work_(watch) {
        for (const char byte : set) {
            isAscii_ = isAscii_ && static_cast<unsigned char>(byte) < 0x80;
            isIn_[static_cast<unsigned char>(byte)] = true;
        }
    }
    // The bytes of a character of the set that `text` starts (ends) with; 0: none, or ended.
    std::size_t at(TrimSide side, std::string_view text) {
        isEnded_ = isEnded_ || work_.add(1);
        if (isEnded_ || text.empty()) return 0;
        if (isAscii_) return isIn_[static_cast<unsigned char>(side == left ? text.front() : text.back())] ? 1 : 0;
        for (std::size_t from = 0, size = 0; from < set_.size() && !isEnded_; from += size) {
            size = characterSize(from);
            isEnded_ = work_.add(size);
            if (size > text.size()) continue;
            const std::string_view edge = side == left ? text.substr(0, size) : text.substr(text.size() - size);
            if (edge == set_.substr(from, size)) return size;
        }
        return 0;
    }
    bool isEnded() const { return isEnded_; }

private:
    std::size_t characterSize(std::size_t from) const {
        std::size_t size = 1;
        if (static_cast<unsigned char>(set_[from]) < 0xC0) return size;
        while (from + size < set_.size() && isContinuation(set_[from + size])) ++size;
        return size;
    }

    const std::string_view set_;
    WatchedWork work_;
    std::array<bool, 256> isIn_{};
    bool isAscii_ = true;
    bool isEnded_ = false;
};

template <int sides>
void trim(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
    auto text = viewOf(values[0]);
    if (!text) return;
    auto set = count == 1 ? std::string_view(" ") : viewOf(values[1]);
    if (!set) return;
    TrimSet characters(set->substr(0, set->find('\0')), watchOf(context));
    if (sides & left)
        while (const std::size_t size = characters.at(left, *text)) text->remove_prefix(size);
    if (sides & right)
        while (const std::size_t size = characters.at(right, *text)) text->remove_suffix(size);
    if (characters.isEnded()) return end(context);
    sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

// The character that a third argument names; an empty optional once the context has its error.
std::optional<PatternRules> withEscape(sqlite3_context* context, sqlite3_value* value, PatternRules rules) {
    const unsigned char* text = textOf(value);
    if (!text) return std::nullopt; // NULL
    rules.escape = readCharacter(text);
    if (rules.escape == 0 || *text != 0) {
        fail(context, "ESCAPE expression must be a single character");
        return std::nullopt;
    }
    if (rules.escape == rules.matchAll) rules.matchAll = 0;
    if (rules.escape == rules.matchOne) rules.matchOne = 0;
    return rules;
}

bool isBlob(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_BLOB; }

void match(sqlite3_context* context, int count, sqlite3_value** values, const PatternRules& plain) noexcept {
    static const bool blobsNeverMatch = sqlite3_compileoption_used("LIKE_DOESNT_MATCH_BLOBS") != 0;
    if (blobsNeverMatch && (isBlob(values[0]) || isBlob(values[1]))) return sqlite3_result_int(context, 0);
    if (sqlite3_value_bytes(values[0]) > maxPatternBytes) return fail(context, "LIKE or GLOB pattern too complex");
    const auto rules = count == 3 ? withEscape(context, values[2], plain) : plain;
    if (!rules) return;
    const unsigned char* pattern = textOf(values[0]);
    const unsigned char* text = textOf(values[1]);
    if (!pattern || !text) return;
    const PatternVerdict verdict = matchPattern(pattern, text, *rules, watchOf(context));
    if (verdict == PatternVerdict::ended) return end(context);
    sqlite3_result_int(context, verdict == PatternVerdict::match ? 1 : 0);
}

void like(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
    match(context, count, values, PatternRules::like());
}
void glob(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
    match(context, count, values, PatternRules::glob());
}

} // namespace

bool addBoundedFunctions(sqlite3* connection, StatementWatch& watch) {
    struct Function {
        const char* name;
        int arguments;
        void (*work)(sqlite3_context*, int, sqlite3_value**) noexcept;
    };
    constexpr std::array functions{
        Function{"instr", 2, instr},       Function{"replace", 3, replace},   Function{"trim", 1, trim<3>},
        Function{"trim", 2, trim<3>},      Function{"ltrim", 1, trim<left>},  Function{"ltrim", 2, trim<left>},
        Function{"rtrim", 1, trim<right>}, Function{"rtrim", 2, trim<right>}, Function{"like", 2, like},
        Function{"like", 3, like},         Function{"glob", 2, glob},
    };
    const bool added = std::all_of(functions.begin(), functions.end(), [&](const Function& function) {
        return sqlite3_create_function_v2(connection, function.name, function.arguments,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, &watch, function.work,
                                          nullptr, nullptr, nullptr) == SQLITE_OK;
    });
    return added && addBoundedJsonPatch(connection);
}

} // namespace gatehouse::sql
