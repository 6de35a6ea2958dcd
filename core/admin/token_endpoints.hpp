// The endpoints of the token API: one table, from which they are routed and described.
// Threads: any; the table does not change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/token_api.hpp"

namespace gatehouse::admin {

inline constexpr std::string_view tokensPath = "/api/v2/tokens";

// What one endpoint is asked.
struct EndpointCall {
    const TokenApi& api;
    const Manager& who;
    std::string id;
    Query query;
    Json body;
    std::string ifMatch;
    std::string key; // Idempotency-Key
};

enum class Needs { manager, anyToken };

struct EndpointSpec {
    const char* method;
    const char* path; // below tokensPath
    Needs needs;
    const char* summary;
    const char* wish;                         // the schema of its body; empty: it takes none
    const char* answer;                       // the schema of its answer; empty: 204
    int status;                               // of a success
    std::vector<std::string_view> parameters; // of the query
    ApiAnswer (*run)(const EndpointCall&);
};

const std::vector<EndpointSpec>& tokenEndpoints();

} // namespace gatehouse::admin
