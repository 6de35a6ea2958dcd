// Which tokens of a list are meant. Threads: any; filters do not change.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <gatehouse/json.hpp>

#include "base/clock.hpp"

namespace gatehouse::admin {

// By the query of a list: status, owner, q, and the two times. Without a status, revoked ones are left out.
class TokenFilter {
public:
    // Throws ApiError (400) for a status that there is none of.
    TokenFilter(const std::map<std::string, std::string>& query, std::optional<std::chrono::seconds> expiresWithin,
                std::optional<std::chrono::seconds> unusedFor, WallTime now);
    bool takes(const Json& view) const;
    bool asksForUse() const { return unusedFor_.has_value(); } // of a view that says when it was last used

private:
    bool expiresSoon(const Json& view) const;
    bool isUnused(const Json& view) const;

    std::string status_, owner_, text_;
    const std::optional<std::chrono::seconds> expiresWithin_, unusedFor_;
    const WallTime now_;
};

// By the body of a bulk revocation: ids, owner, created_before; all that are given hold.
class Selection {
public:
    // Throws ApiError (400) when nothing is selected by, or by what is none.
    explicit Selection(const Json& request);
    bool takes(const Json& view) const;

private:
    std::optional<std::set<std::string>> ids_;
    std::optional<std::string> owner_;
    std::optional<WallTime> createdBefore_;
};

} // namespace gatehouse::admin
