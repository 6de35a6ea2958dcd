// JsonWalk: the text of a parsed value, walked once in step with its elements. Says where each value stands in the
// text, and whether an object has a member twice.
//
// The text is what the parser took: nothing is checked again. Names are compared decoded (RFC 8259 section 8.3).
// Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <simdjson.h>

namespace gatehouse::mcp {

class JsonWalk {
public:
    // `text` begins with the value.
    explicit JsonWalk(std::string_view text) : at_(text.data()) {}

    // Steps over the value that comes next in the text, `element`; returns its text.
    std::string_view value(const simdjson::dom::element& element);

    // Steps over the object that comes next. Calls `visit(field)` where the value of each member comes next; `visit`
    // steps over it.
    template <class Visit>
    std::string_view object(const simdjson::dom::object& object, const Visit& visit) {
        const char* const from = at_++;
        Names names;
        for (const auto field : object) {
            toName();
            skipString();
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
    // The names of an object; many of them are sorted, so that no choice of names makes it slow.
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
    // To what comes after a comma, where there is one.
    void toName() {
        skipSpace();
        if (*at_ == ',') ++at_, skipSpace();
    }
    void toValue() {
        skipSpace();
        ++at_; // the colon
        skipSpace();
    }
    void skipString() {
        ++at_;
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
