#include "mcp/raw_members.hpp"

namespace gatehouse::mcp {

namespace {

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view trimmedFront(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    return text;
}

// The length of the string that `text` begins with, quotes included.
std::size_t stringLength(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') return i + 1;
    }
    return text.size();
}

} // namespace

std::size_t valueLength(std::string_view text) {
    if (text.empty()) return 0;
    if (text[0] == '"') return stringLength(text);
    if (text[0] != '{' && text[0] != '[') {
        std::size_t end = 0;
        while (end < text.size() && !isSpace(text[end]) && text[end] != ',' && text[end] != '}' && text[end] != ']') ++end;
        return end;
    }
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') i += stringLength(text.substr(i)) - 1;
        else if (c == '{' || c == '[') ++depth;
        else if ((c == '}' || c == ']') && --depth == 0) return i + 1;
    }
    return text.size();
}

std::string_view RawMembers::next() {
    rest_ = trimmedFront(rest_);
    if (!rest_.empty() && rest_.front() == ',') rest_ = trimmedFront(rest_.substr(1));
    if (rest_.empty() || rest_.front() != '"') return {};
    rest_ = trimmedFront(rest_.substr(stringLength(rest_)));
    rest_ = trimmedFront(rest_.substr(rest_.empty() ? 0 : 1)); // the colon
    const std::string_view value = rest_.substr(0, valueLength(rest_));
    rest_.remove_prefix(value.size());
    return value;
}

} // namespace gatehouse::mcp
