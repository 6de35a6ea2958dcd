// Digits: a whole number as text, without memory of its own.
// Threads: any; nothing is kept.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace gatehouse {

class Digits {
public:
    explicit Digits(std::integral auto number, int base = 10)
        : length_(static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), number, base).ptr -
                                           text_.data())) {}
    std::string_view view() const { return {text_.data(), length_}; }

private:
    std::array<char, 65> text_; // of 64 bits in base 2, with its sign
    std::size_t length_;
};

} // namespace gatehouse
