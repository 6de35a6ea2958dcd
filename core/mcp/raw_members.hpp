// RawMembers: the members of a JSON object as they stand in its text. The text must be known to be valid JSON.
// Threads: any.
#pragma once

#include <string_view>

namespace gatehouse::mcp {

class RawMembers {
public:
    // `object` begins with '{'; what follows the matching '}' is not looked at.
    explicit RawMembers(std::string_view object) : rest_(object.substr(1)) {}

    // The value of the next member, in the order of the text; empty after the last.
    std::string_view next();

private:
    std::string_view rest_;
};

// The length of the JSON value that `text` begins with.
std::size_t valueLength(std::string_view text);

} // namespace gatehouse::mcp
