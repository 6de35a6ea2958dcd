// Times as people and protocols write them. All in UTC.
// Threads: any; nothing is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gatehouse/identity.hpp>

namespace gatehouse {

std::string rfc3339(WallTime time);  // 2024-10-30T10:15:30Z
std::string dateTime(WallTime time); // 2024-10-30 10:15:30
std::string date(WallTime time);     // 2024-10-30
std::string httpDate(WallTime time); // RFC 9110 5.6.7: Wed, 30 Oct 2024 10:15:30 GMT

// RFC 3339 with offset or Z, fractions dropped. Nothing when it is not such a time.
std::optional<WallTime> parseRfc3339(std::string_view text);

} // namespace gatehouse
