// What requests of the page have to show beside their cookie. Threads: any; nothing is kept.
#pragma once

#include "admin/store_validator.hpp"
#include "base/digest.hpp"
#include "http/head.hpp"

namespace gatehouse::admin {

inline bool isUnsafe(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

// A session's request repeats what the page was given: another site cannot read that. Other credentials are not sent by
// a browser by itself, and need nothing.
inline bool repeatsCsrf(const http::RequestHead& head, const Manager& who) {
    if (who.csrf.empty()) return true;
    const auto given = head.find("X-CSRF-Token");
    return given && equalInConstantTime(sha256(*given), sha256(who.csrf));
}

} // namespace gatehouse::admin
