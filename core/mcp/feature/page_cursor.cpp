#include "mcp/feature/page_cursor.hpp"

#include <charconv>

namespace gatehouse::mcp {

namespace {

// The length of the method keeps it apart from the key that follows.
std::string boundTo(const PagedList& list) {
    std::string bound = "page " + std::to_string(list.generation) + ' ' + std::to_string(list.method.size()) + ' ';
    bound.append(list.method).append(list.isolationKey);
    return bound;
}

} // namespace

std::string cursorFor(const Sealer& sealer, const PagedList& list, std::size_t offset) {
    return sealer.seal(std::to_string(offset), boundTo(list), never);
}

std::optional<std::size_t> offsetOf(const Sealer& sealer, const PagedList& list, std::string_view cursor) {
    const auto opened = sealer.open(cursor, boundTo(list));
    const auto* digits = std::get_if<std::string>(&opened);
    if (!digits) return std::nullopt;
    std::size_t offset = 0;
    const char* const last = digits->data() + digits->size();
    const auto [end, error] = std::from_chars(digits->data(), last, offset);
    return error == std::errc() && end == last ? std::optional(offset) : std::nullopt;
}

} // namespace gatehouse::mcp
