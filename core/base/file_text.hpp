// A whole file as a text.
// Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>

namespace gatehouse {

// Nothing when there is no such file, it may not be read, or it is a folder.
std::optional<std::string> fileText(const std::string& file);

} // namespace gatehouse
