// The token API over an SQLite store, without HTTP.
#pragma once

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "admin/token_api.hpp"
#include "support/sqlite_site.hpp"

namespace gatehouse::test {

struct TokenApiSite : SqliteSite {
    TokenUsage usage{useSource, clock};
    admin::TokenApi api{{.store = store,
                         .clock = clock,
                         .usage = usage,
                         .refusals = refusals,
                         .mint = opaqueMint("gth_"),
                         .policyScopes = {"read:reports"},
                         .limitOf = [](const TokenEntry& entry) {
                             return LimitState{entry.terms.callsPerHour, 3, std::chrono::seconds(60)};
                         }}};
    const admin::Manager all{.manages = true, .owner = "", .id = "host"};
    const admin::Manager alice{.manages = true, .owner = "alice", .id = "token-a"},
        bob{.manages = true, .owner = "bob", .id = "token-b"};

    Json made(const admin::Manager& who, const Json& request = {{"name", "n"}}) const {
        return api.create(who, request).body;
    }
    std::set<std::string> listed(const admin::Manager& who, const admin::Query& query = {}) const {
        std::set<std::string> ids;
        const Json rows = api.list(who, query).body["data"];
        for (const Json& row : rows) ids.insert(row["id"].get<std::string>());
        return ids;
    }
};

template <class Work>
int statusOf(const Work& work) {
    try {
        return work().status;
    } catch (const admin::ApiError& fault) {
        CHECK_FALSE(fault.code().empty());
        return fault.status();
    }
}

} // namespace gatehouse::test
