// What the owner of a token can do about a refusal of it. Threads: any; nothing is kept.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::admin {

// `reason`: the word of the log and the audit (docs/runbook.md).
std::string remedyOf(std::string_view reason);

} // namespace gatehouse::admin
