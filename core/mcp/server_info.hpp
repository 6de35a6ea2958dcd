// Who we are, as the protocol tells it.
#pragma once

#include <string_view>

namespace gatehouse::mcp {

std::string_view serverName();
std::string_view serverVersion();
std::string_view serverInfoJson(); // the Implementation object

} // namespace gatehouse::mcp
