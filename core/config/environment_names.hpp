// Environment variables that look like settings and are unknown: most are misspelt.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

namespace gatehouse {

// One warning for each name that begins with GATEHOUSE_ and is no setting. Names that Kubernetes sets for a service
// called "gatehouse" (GATEHOUSE_SERVICE_HOST, GATEHOUSE_PORT_8080_TCP, ...) are left out.
std::vector<std::string> unknownNames(const std::vector<std::string>& names);

} // namespace gatehouse
