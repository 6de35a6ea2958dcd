#include "uri/uri_template.hpp"

#include <algorithm>

#include <simdjson.h>

#include "base/percent.hpp"

namespace gatehouse {

namespace {

using Kind = TemplatePiece::Kind;
using Places = std::vector<bool>; // one for each byte of the URI, and its end

bool beginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; } // of UTF-8

bool mayBeSeen(std::string_view value) {
    return value.find('\0') == std::string_view::npos && simdjson::validate_utf8(value.data(), value.size());
}

// Once decoded; nothing when a handler must not see it.
std::optional<std::string> decodedValue(std::string_view written) {
    auto value = percentDecoded(written);
    if (!value || !mayBeSeen(*value)) return std::nullopt;
    return value;
}

// One item of a list, or the one value of {.x}: without its separator, in whatever spelling.
std::optional<std::string> decodedItem(std::string_view written, char separator) {
    auto item = decodedValue(written);
    if (!item || item->empty() || item->find(separator) != std::string::npos) return std::nullopt;
    return item;
}

std::optional<std::string> decodedItems(std::string_view written, char separator) {
    std::string all;
    for (std::size_t end = 0; end != std::string_view::npos; written.remove_prefix(end + 1)) {
        end = written.find(separator);
        const auto item = decodedItem(written.substr(0, end), separator);
        if (!item) return std::nullopt;
        all.append(all.empty() ? 0 : 1, separator).append(*item);
        if (end == std::string_view::npos) break;
    }
    return all;
}

std::optional<std::string> valueOf(const TemplatePiece& piece, std::string_view written) {
    if (piece.variables[0].exploded) return decodedItems(written, itemSeparator(piece.op));
    return piece.op == '.' ? decodedItem(written, '.') : decodedValue(written);
}

bool isWithin(std::size_t prefix, std::string_view value) {
    std::size_t characters = 0;
    for (const char byte : value) characters += beginsCharacter(byte);
    return prefix == 0 || characters <= prefix;
}

const TemplateVariable* named(const TemplatePiece& piece, std::string_view name) {
    for (const TemplateVariable& variable : piece.variables)
        if (variable.name == name) return &variable;
    return nullptr;
}

// Adds "name=value" or "name" to `values`; false when the template has no such parameter, or has it once and it is
// there.
bool addParameter(const TemplatePiece& piece, std::string_view written, UriVariables& values) {
    const std::size_t sign = std::min(written.find('='), written.size());
    const TemplateVariable* variable = named(piece, written.substr(0, sign));
    if (!variable) return false;
    written.remove_prefix(std::min(sign + 1, written.size()));
    const auto value = variable->exploded ? decodedItem(written, ',') : decodedValue(written);
    if (!value || !isWithin(variable->prefix, *value)) return false;
    const auto [place, isNew] = values.emplace(variable->name, *value);
    if (!isNew && variable->exploded) place->second.append(",").append(*value);
    return isNew || variable->exploded;
}

// The parameters that `text` holds from its first byte to its last.
std::optional<UriVariables> parametersOf(const TemplatePiece& piece, std::string_view text) {
    UriVariables values;
    if (text.empty()) return values;
    if (text[0] != piece.op) return std::nullopt;
    const char separator = piece.op == ';' ? ';' : '&';
    while (!text.empty()) {
        text.remove_prefix(1);
        const std::size_t end = std::min(text.find(separator), text.size());
        if (!addParameter(piece, text.substr(0, end), values)) return std::nullopt;
        text.remove_prefix(end);
    }
    return values;
}

// One URI held against the pieces of one template.
//
// First it notes, piece after piece, at which places the pieces so far can end; then it walks back from the end of the
// URI and finds for each piece where it began. Each place it meets lies on a full reading, so a second place for one
// piece is a second reading. Nothing is tried again: each step looks at each byte a bounded number of times.
class Reading {
public:
    Reading(const std::vector<TemplatePiece>& pieces, std::string_view uri) : pieces_(pieces), uri_(uri) {}

    std::optional<UriVariables> variables() { // once only
        if (!readCharacters() || !reachEnd()) return std::nullopt;
        std::size_t end = uri_.size();
        for (std::size_t i = pieces_.size(); i-- > 0;) {
            const auto begin = onlyBegin(pieces_[i], reached_[i], end);
            if (!begin || !accept(pieces_[i], uri_.substr(*begin, end - *begin))) return std::nullopt;
            end = *begin;
        }
        return std::move(values_);
    }

private:
    // False when this is no URI.
    bool readCharacters() {
        starts_.assign(uri_.size() + 1, false);
        characters_.assign(uri_.size() + 1, 0);
        std::size_t count = 0;
        for (std::size_t at = 0; at < uri_.size();) {
            const bool triplet = startsWithTriplet(uri_.substr(at));
            if (!triplet && !isUnreserved(uri_[at]) && !isReserved(uri_[at])) return false;
            count += beginsCharacter(triplet ? tripletByte(uri_.substr(at)) : uri_[at]);
            starts_[at] = true;
            at += triplet ? 3 : 1;
            characters_[at] = count;
        }
        return starts_[uri_.size()] = true;
    }

    // False when no reading ends at the end of the URI.
    bool reachEnd() {
        reached_.emplace_back(uri_.size() + 1, false);
        reached_[0][0] = true;
        for (const TemplatePiece& piece : pieces_) {
            Places ends(uri_.size() + 1, false);
            if (!markEnds(piece, reached_.back(), ends)) return false;
            reached_.push_back(std::move(ends));
        }
        return reached_.back()[uri_.size()];
    }

    // True when there is an end.
    bool markEnds(const TemplatePiece& piece, const Places& begins, Places& ends) const {
        if (piece.kind == Kind::value) return markValueEnds(piece, begins, ends);
        bool any = false;
        for (std::size_t begin = 0; begin <= uri_.size(); ++begin) {
            if (!begins[begin]) continue;
            const auto end = endFrom(piece, begin);
            if (end) any = ends[*end] = true;
        }
        return any;
    }

    // Of literals and parameters, which end in one place only.
    std::optional<std::size_t> endFrom(const TemplatePiece& piece, std::size_t begin) const {
        if (piece.kind == Kind::parameters) return endOfParameters(piece, begin);
        if (uri_.compare(begin, piece.literal.size(), piece.literal) != 0) return std::nullopt;
        return begin + piece.literal.size();
    }

    // No value before them holds their first character, so few places have it and are looked at to the end.
    std::optional<std::size_t> endOfParameters(const TemplatePiece& piece, std::size_t begin) const {
        const std::string_view ends = parameterEnds(piece.op); // its own first character is not among them
        if (begin == uri_.size() || ends.find(uri_[begin]) != std::string_view::npos) return begin; // all absent
        if (uri_[begin] != piece.op) return std::nullopt;
        const std::size_t end = std::min(uri_.find_first_of(ends, begin), uri_.size());
        return parametersOf(piece, uri_.substr(begin, end - begin)) ? std::optional(end) : std::nullopt;
    }

    bool markValueEnds(const TemplatePiece& piece, const Places& begins, Places& ends) const {
        bool any = false;
        constexpr std::size_t none = std::string_view::npos;
        std::size_t nearest = none; // begin from which all characters so far can belong to the value
        for (std::size_t at = 0; at <= uri_.size(); ++at) {
            if (!starts_[at]) continue;
            if (nearest != none && isWithinPrefix(piece, nearest, at)) any = ends[at] = true;
            if (begins[at]) nearest = at;
            if (at < uri_.size() && !canHold(piece, at)) nearest = none;
        }
        return any;
    }

    bool canHold(const TemplatePiece& piece, std::size_t at) const {
        return piece.forbidden.find(uri_[at]) == std::string::npos;
    }

    bool isWithinPrefix(const TemplatePiece& piece, std::size_t begin, std::size_t end) const {
        const std::size_t prefix = piece.variables[0].prefix;
        return prefix == 0 || characters_[end] - characters_[begin] <= prefix;
    }

    // Where `piece` began that ends at `end`; nothing when it can have begun at two places.
    std::optional<std::size_t> onlyBegin(const TemplatePiece& piece, const Places& begins, std::size_t end) const {
        std::optional<std::size_t> only;
        for (std::size_t begin = end + 1; begin-- > 0;) {
            if (!starts_[begin]) continue;
            if (piece.kind == Kind::value && begin < end && !canHold(piece, begin)) break;
            if (!begins[begin] || !leads(piece, begin, end)) continue;
            if (only) return std::nullopt;
            only = begin;
        }
        return only;
    }

    bool leads(const TemplatePiece& piece, std::size_t begin, std::size_t end) const {
        if (piece.kind == Kind::value) return begin < end && isWithinPrefix(piece, begin, end);
        return endFrom(piece, begin) == end;
    }

    bool accept(const TemplatePiece& piece, std::string_view text) {
        if (piece.kind == Kind::literal) return true;
        if (piece.kind == Kind::parameters) {
            values_.merge(*parametersOf(piece, text));
            return true;
        }
        auto value = valueOf(piece, text);
        if (value) values_.emplace(piece.variables[0].name, std::move(*value));
        return value.has_value();
    }

    const std::vector<TemplatePiece>& pieces_;
    std::string_view uri_;
    Places starts_;                       // where a character or a triplet starts, and the end
    std::vector<std::size_t> characters_; // how many characters start before this place
    std::vector<Places> reached_;         // reached_[i]: where piece i can begin
    UriVariables values_;
};

} // namespace

UriTemplate::UriTemplate(std::string text) : text_(std::move(text)), pieces_(templatePieces(text_)) {}

std::optional<UriVariables> UriTemplate::match(std::string_view uri) const {
    if (uri.size() > maxUri) return std::nullopt;
    return Reading(pieces_, uri).variables();
}

} // namespace gatehouse
