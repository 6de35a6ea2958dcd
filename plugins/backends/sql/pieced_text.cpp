#include "pieced_text.hpp"

#include <algorithm>

namespace gatehouse::sql {

namespace {

constexpr std::size_t firstBytes = 1 << 10; // most answers are small
constexpr std::size_t pieceBytes = 64 << 10;

} // namespace

void PiecedText::endPiece() {
    if (pieces_.empty()) return;
    pieces_.back().used = static_cast<std::size_t>(at_ - begin_);
    before_ += pieces_.back().used;
    begin_ = at_ = end_ = nullptr;
}

void PiecedText::addPiece(std::size_t bytes) {
    const std::size_t size = std::max(bytes, pieces_.empty() ? firstBytes : pieceBytes);
    std::unique_ptr<char[]> fresh(new char[size]); // not filled, as make_unique would
    pieces_.reserve(pieces_.size() + 1);
    endPiece();
    begin_ = at_ = fresh.get();
    end_ = begin_ + size;
    pieces_.push_back({std::move(fresh), {}, 0});
}

void PiecedText::adopt(std::string&& text) {
    if (text.size() < pieceBytes) return append(std::string_view(text));
    pieces_.reserve(pieces_.size() + 1);
    endPiece();
    pieces_.push_back({nullptr, std::exchange(text, std::string()), 0});
    begin_ = pieces_.back().taken.data();
    at_ = end_ = begin_ + pieces_.back().taken.size();
}

void PiecedText::shortenTo(std::size_t size) {
    if (size >= before_) {
        at_ = begin_ + (size - before_);
        return;
    }
    while (size < before_) {
        pieces_.pop_back();
        before_ -= pieces_.back().used;
    }
    begin_ = pieces_.back().bytes();
    at_ = end_ = begin_ + (size - before_); // what is left of its room is given up
}

void PiecedText::moveTo(std::string& out) {
    endPiece();
    for (Piece& piece : pieces_) {
        out.append(piece.bytes(), piece.used);
        piece = Piece();
    }
    pieces_.clear();
    before_ = 0;
}

} // namespace gatehouse::sql
