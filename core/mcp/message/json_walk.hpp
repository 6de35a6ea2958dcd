// JsonWalk: walks a parsed JSON value and its source text in parallel, in one pass. Yields the source text of each
// value and detects duplicate member names.
//
// The text must be the one that was parsed: nothing is validated again. Names are compared after decoding (RFC 8259
// section 8.3). Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <simdjson.h>

namespace gatehouse::mcp {

class JsonWalk {
public:
    // `text` starts at the value's first byte.
    explicit JsonWalk(std::string_view text) : at_(text.data()) {}

    // Advances past `element`, the next value of the text, and returns its text.
    std::string_view value(const simdjson::dom::element& element);

    // Advances past an object and returns its text. Calls `visit(field)` at the value of each member; `visit` must
    // advance past it with value() or object().
    template <class Visit>
    std::string_view object(const simdjson::dom::object& object, const Visit& visit) {
        const char* const from = at_++;
        Names names;
        for (const auto field : object) {
            toName();
            skipString(field.key.size());
            names.add(field.key);
            toValue();
            visit(field);
        }
        skipSpace();
        ++at_;
        hasDuplicates_ = hasDuplicates_ || names.hasDuplicates(object);
        return {from, static_cast<std::size_t>(at_ - from)};
    }

    bool hasDuplicates() const { return hasDuplicates_; }

private:
    // The names of one object. More than 12 are sorted instead: quadratic only for few, whatever the input.
    class Names {
    public:
        void add(std::string_view name) {
            if (count_ < few_.size()) {
                for (std::size_t i = 0; i < count_; ++i) isTwice_ = isTwice_ || few_[i] == name;
                few_[count_] = name;
            }
            ++count_;
        }
        bool hasDuplicates(const simdjson::dom::object& object) const;

    private:
        std::array<std::string_view, 12> few_;
        std::size_t count_ = 0;
        bool isTwice_ = false;
    };

    std::string_view array(const simdjson::dom::array& items);
    void skipSpace() {
        while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') ++at_;
    }
    // To the next name or item, past a comma if there is one.
    void toName() {
        skipSpace();
        if (*at_ == ',') ++at_, skipSpace();
    }
    void toValue() {
        skipSpace();
        ++at_; // the colon
        skipSpace();
    }
    // An escape is longer than what it stands for: a string that has none ends `decoded` bytes behind its quote, and no
    // other string has a quote there that is not escaped.
    void skipString(std::size_t decoded) {
        const char* const end = ++at_ + decoded;
        if (*end == '"' && end[-1] != '\\') at_ = end;
        while (*at_ != '"') at_ += *at_ == '\\' ? 2 : 1;
        ++at_;
    }
    // A number, true, false or null.
    void skipWord() {
        while ((*at_ >= '0' && *at_ <= '9') || (*at_ >= 'a' && *at_ <= 'z') || *at_ == '-' || *at_ == '+' ||
               *at_ == '.' || *at_ == 'E')
            ++at_;
    }

    const char* at_;
    bool hasDuplicates_ = false;
};

} // namespace gatehouse::mcp
