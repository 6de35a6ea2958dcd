// TokenApi: what the token API does, without HTTP: each call takes what was asked for and answers with JSON, or throws
// an ApiError. What is asked is in token_api.cpp, what is changed in token_api_changes.cpp. Who asks sees and changes
// only what is theirs; a token of others is as unknown as one that never was.
//
// Threads: any; calls may block on the store.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>

#include "admin/api_error.hpp"
#include "admin/api_query.hpp"
#include "admin/store_validator.hpp"
#include "auth/call_limits.hpp"
#include "base/clock.hpp"
#include "tokens/text_mint.hpp"
#include "tokens/token_refusals.hpp"
#include "tokens/token_store.hpp"
#include "tokens/token_usage.hpp"

namespace gatehouse::admin {

struct ApiAnswer {
    int status = 200;
    Json body;             // null: none
    std::string etag = {}; // of what the body shows, where it can be changed
};

struct TokenApiDeps { // outlive it
    TokenStore& store;
    const Clock& clock;
    const TokenUsage& usage;
    const TokenRefusals& refusals;
    TokenMint mint;                                       // makes the texts of tokens
    std::vector<std::string> policyScopes;                // that the policy names, beside those that everybody knows
    std::function<LimitState(const TokenEntry&)> limitOf; // where a token stands now
};

class TokenApi {
public:
    static constexpr std::size_t mostOfOwner = 1'000; // tokens; who sees all is trusted with how many there are

    explicit TokenApi(TokenApiDeps deps) : deps_(std::move(deps)) {}

    // `key`: the request's Idempotency-Key; empty: none. Repeated within a day with the same body it gives the same id
    // with a fresh text, and the text before dies: an answer that was lost leaves nothing behind.
    ApiAnswer create(const Manager& who, const Json& request, const std::string& key = {}) const;
    ApiAnswer list(const Manager& who, const Query& query) const;
    ApiAnswer get(const Manager& who, const std::string& id) const;
    // `ifMatch`: the ETag that the change was made from; empty: whatever it is.
    ApiAnswer patch(const Manager& who, const std::string& id, const Json& request, const std::string& ifMatch) const;
    ApiAnswer remove(const Manager& who, const std::string& id, const Query& query) const;
    ApiAnswer rotate(const Manager& who, const std::string& id, const Json& request, const std::string& key = {}) const;
    ApiAnswer suspend(const Manager& who, const std::string& id) const;
    ApiAnswer resume(const Manager& who, const std::string& id) const;
    ApiAnswer derive(const Manager& who, const std::string& id, const Json& request, const std::string& key = {}) const;
    ApiAnswer usage(const Manager& who, const std::string& id) const;
    // The latest of all their tokens.
    ApiAnswer refusals(const Manager& who) const;
    ApiAnswer generations(const Manager& who, const std::string& id) const;
    ApiAnswer bulkRevoke(const Manager& who, const Json& request) const;
    ApiAnswer scopes() const;
    // Of the credential that asks.
    ApiAnswer validate(const Manager& who) const;
    ApiAnswer self(const Manager& who) const;

private:
    std::string minted(const TokenEntry& entry) const;
    struct Kept { // a token, or one that is gone and remembered
        std::optional<TokenEntry> entry;
        std::optional<GoneToken> gone;
        Json view;
    };
    WallTime now() const;
    // Every token that is theirs, and those that have expired or were revoked, as far as they are remembered. Views
    // are without what they were used for.
    void visit(const Manager& who, const std::function<void(Kept&&)>& take) const;
    Json usedView(const Kept& kept) const;
    std::optional<Kept> lookUp(const Manager& who, const std::string& id) const;
    Kept find(const Manager& who, const std::string& id) const;
    TokenEntry mine(const Manager& who, const std::string& id) const;
    ApiAnswer shown(const TokenEntry& entry, int status, const std::string& text = {}) const;
    ApiAnswer changed(const Manager& who, const std::string& id, const TokenStore::Change& change) const;
    std::optional<RequestMark> markOf(const Manager& who, const std::string& key, const Json& asked) const;
    std::optional<ApiAnswer> repeated(const std::optional<RequestMark>& mark) const;
    void refuseMore(const Manager& who) const;
    ApiAnswer added(TokenEntry& entry) const;
    void refuseReserved(const std::vector<std::string>& scopes) const;
    void checkScopes(const std::vector<std::string>& wanted) const;
    std::vector<std::string> known() const;

    const TokenApiDeps deps_;
};

} // namespace gatehouse::admin
