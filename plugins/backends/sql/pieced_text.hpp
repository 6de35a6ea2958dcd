// PiecedText: a text that grows piece by piece; one string would be copied while it grows, and take three times its
// size. Threads: one.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::sql {

class PiecedText {
public:
    PiecedText() = default;
    PiecedText(PiecedText&& other) noexcept
        : pieces_(std::move(other.pieces_)), before_(std::exchange(other.before_, 0)),
          begin_(std::exchange(other.begin_, nullptr)), at_(std::exchange(other.at_, nullptr)),
          end_(std::exchange(other.end_, nullptr)) {}
    PiecedText& operator=(PiecedText&&) = delete;

    std::size_t size() const { return before_ + static_cast<std::size_t>(at_ - begin_); }

    // Where up to `bytes` bytes may be written; wroteTo() says where what was written ends.
    char* room(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) < bytes) addPiece(bytes);
        return at_;
    }
    void wroteTo(char* end) { at_ = end; }

    void append(char c) {
        *room(1) = c;
        ++at_;
    }
    void append(std::string_view text) {
        if (text.empty()) return;
        std::memcpy(room(text.size()), text.data(), text.size());
        at_ += text.size();
    }
    // Appends it; a long one is taken over with its memory.
    void adopt(std::string&& text);

    // Forgets what was appended since size() was this.
    void shortenTo(std::size_t size);
    // Appends all to `out`, and has nothing any more.
    void moveTo(std::string& out);

private:
    struct Piece {
        std::unique_ptr<char[]> own; // null: `taken` is what it has
        std::string taken;
        std::size_t used = 0;

        char* bytes() { return own ? own.get() : taken.data(); }
    };
    void addPiece(std::size_t bytes);
    void endPiece();

    std::vector<Piece> pieces_; // the last one is written
    std::size_t before_ = 0;    // bytes of the pieces before the last
    char* begin_ = nullptr;     // of the last piece
    char* at_ = nullptr;
    char* end_ = nullptr;
};

} // namespace gatehouse::sql
