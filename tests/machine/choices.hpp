// Choices: where a machine test takes its decisions from: a seed, or the input of a fuzzer.
//
// The same seed or input makes the same decisions, so whatever a run finds is found again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::test {

class Choices {
public:
    // Decisions from a generator (xorshift64*, Marsaglia 2003); never exhausted.
    explicit Choices(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
    // Decisions from bytes; 0 each once they are used up.
    explicit Choices(std::string_view input) : input_(input), isInput_(true) {}

    bool exhausted() const { return isInput_ && input_.empty(); }
    // From 0 to `count` - 1.
    std::uint32_t below(std::uint32_t count) {
        if (count <= 1) return 0;
        return (isInput_ ? fromInput(count) : fromGenerator()) % count;
    }
    bool oneIn(std::uint32_t count) { return below(count) == count - 1; } // false once the input is used up
    template <class Item, std::size_t Size>
    const Item& of(const std::array<Item, Size>& items) {
        return items[below(static_cast<std::uint32_t>(Size))];
    }

private:
    std::uint32_t fromGenerator() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return static_cast<std::uint32_t>((state_ * 0x2545F4914F6CDD1Du) >> 32);
    }
    std::uint32_t fromInput(std::uint32_t count) {
        std::uint32_t value = 0;
        for (std::uint32_t room = 1; room < count && !input_.empty(); room = room > 0xFFFFFF ? count : room << 8) {
            value = value << 8 | static_cast<std::uint8_t>(input_.front());
            input_.remove_prefix(1);
        }
        return value;
    }

    std::uint64_t state_ = 0;
    std::string_view input_;
    const bool isInput_ = false;
};

} // namespace gatehouse::test
