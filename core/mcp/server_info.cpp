#include "mcp/server_info.hpp"

#ifndef GATEHOUSE_VERSION
#error "the build defines GATEHOUSE_VERSION"
#endif

namespace gatehouse::mcp {

std::string_view serverName() { return "gatehouse"; }
std::string_view serverVersion() { return GATEHOUSE_VERSION; }
std::string_view serverInfoJson() { return R"({"name":"gatehouse","version":")" GATEHOUSE_VERSION R"("})"; }

} // namespace gatehouse::mcp
