// TextBuffer: a text that is built of pieces. Its room stays for the next one, and no byte is written before its own.
//
// None of the pieces may be a view into it. Threads: one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include <gatehouse/append_pieces.hpp>

namespace gatehouse {

class TextBuffer {
public:
    std::string_view view() const { return {bytes_.get(), size_}; }
    void clear() { size_ = 0; }

    template <class... Pieces>
    void add(const Pieces&... pieces) {
        char* to = roomFor((detail::pieceOf(pieces).size() + ...));
        ((to = detail::copied(to, detail::pieceOf(pieces))), ...);
        size_ = static_cast<std::size_t>(to - bytes_.get());
    }

private:
    char* roomFor(std::size_t more) {
        if (room_ - size_ < more) grow(size_ + more);
        return bytes_.get() + size_;
    }
    void grow(std::size_t least) {
        const std::size_t room = std::max<std::size_t>(2 * least, 512);
        auto bytes = std::make_unique_for_overwrite<char[]>(room);
        if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
        bytes_ = std::move(bytes);
        room_ = room;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0, room_ = 0;
};

} // namespace gatehouse
