// The description of the token API (OpenAPI 3.1), made from the table of its endpoints.
// Threads: any; nothing is kept.
#pragma once

#include <string>

namespace gatehouse::admin {

// `baseUrl`: of the server, without '/' at its end.
std::string openApiText(const std::string& baseUrl);

} // namespace gatehouse::admin
