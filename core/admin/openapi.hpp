// The description of the token API (OpenAPI 3.1), made from the table of its endpoints.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::admin {

// `baseUrl`: of the server, without '/' at its end. `scopes`: that can be granted.
std::string openApiText(const std::string& baseUrl, const std::vector<std::string>& scopes);

} // namespace gatehouse::admin
