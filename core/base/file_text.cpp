#include "base/file_text.hpp"

#include <fstream>
#include <sstream>

namespace gatehouse {

std::optional<std::string> fileText(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in.is_open()) return std::nullopt;
    std::ostringstream text;
    if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (in.bad() || text.bad()) return std::nullopt; // a folder opens, and then cannot be read
    return text.str();
}

} // namespace gatehouse
