// Requests to judge and verdicts, between abi.h and the SDK's classes. Used by both sides of the border.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <gatehouse/abi.h>
#include <gatehouse/border.hpp>
#include <gatehouse/token_validator.hpp>

namespace gatehouse::border {

// A TokenRequest seen through abi.h. Borrows from the request: it must outlive the view.
class TokenRequestView {
public:
    explicit TokenRequestView(const TokenRequest& request) {
        fields_.reserve(request.headers.size());
        for (const HeaderField& field : request.headers) fields_.push_back({str(field.name), str(field.value)});
        c_ = {sizeof(c_),       str(request.token), str(request.scheme),      str(request.method),
              str(request.url), str(request.peer),  str(request.certificate), request.tokenSha256.data(),
              fields_.data(),   fields_.size()};
    }
    TokenRequestView(const TokenRequestView&) = delete;
    TokenRequestView& operator=(const TokenRequestView&) = delete;
    const gatehouse_token_request* get() const { return &c_; }

private:
    std::vector<gatehouse_field> fields_;
    gatehouse_token_request c_{};
};

inline TokenRequest tokenRequest(const gatehouse_token_request& c) {
    TokenRequest request{
        view(c.token), view(c.scheme), view(c.method), view(c.url), view(c.peer), view(c.certificate), {}, {}};
    for (std::size_t i = 0; i < request.tokenSha256.size(); ++i) request.tokenSha256[i] = c.token_sha256[i];
    request.headers.reserve(c.field_count);
    for (std::size_t i = 0; i < c.field_count; ++i)
        request.headers.push_back({view(c.fields[i].name), view(c.fields[i].value)});
    return request;
}

inline std::vector<gatehouse_str> views(const std::vector<std::string>& texts) {
    std::vector<gatehouse_str> out;
    for (const std::string& text : texts) out.push_back(str(text));
    return out;
}

inline gatehouse_verdict verdictOf(std::uint32_t kind, const CachePolicy& cache,
                                   const std::vector<gatehouse_str>& scopes) {
    gatehouse_verdict c{};
    c.size = sizeof(c);
    c.kind = kind;
    c.cache_vary_by = cache.varyBy;
    c.cache_until_ms = millis(cache.until);
    c.needed_scopes = scopes.data();
    c.needed_scope_count = scopes.size();
    return c;
}

inline void putVerdict(gatehouse_verdict_sink out, const Verdict& verdict) {
    if (const auto* yes = std::get_if<Accepted>(&verdict)) {
        const IdentityView identity(yes->identity);
        const auto scopes = views(yes->requiredScopes);
        gatehouse_verdict c = verdictOf(GATEHOUSE_ACCEPT, yes->cache, scopes);
        c.identity = identity.get();
        return out.put(out.ctx, &c);
    }
    if (const auto* no = std::get_if<Rejected>(&verdict)) {
        const auto scopes = views(no->neededScopes);
        gatehouse_verdict c = verdictOf(GATEHOUSE_REJECT, no->cache, scopes);
        c.reason = static_cast<std::uint32_t>(no->reason);
        c.detail = str(no->detail);
        return out.put(out.ctx, &c);
    }
    const auto& later = std::get<Unavailable>(verdict);
    gatehouse_verdict c = verdictOf(GATEHOUSE_UNAVAILABLE, {}, {});
    c.detail = str(later.detail);
    c.retry_after_s = static_cast<std::uint32_t>(later.retryAfter.count());
    out.put(out.ctx, &c);
}

// The table of a library may be older: later fields are read only where they are.
inline Verdict verdictFrom(const gatehouse_verdict& c) {
    const CachePolicy cache{c.cache_vary_by, time(c.cache_until_ms)};
    const gatehouse_verdict* const at = &c;
    std::vector<std::string> scopes;
    if (GATEHOUSE_HAS_FIELD(at, needed_scope_count))
        for (std::size_t i = 0; i < c.needed_scope_count; ++i) scopes.push_back(copy(c.needed_scopes[i]));
    if (c.kind == GATEHOUSE_ACCEPT && c.identity) return Accepted{identity(*c.identity), cache, std::move(scopes)};
    if (c.kind == GATEHOUSE_REJECT) {
        const bool known = c.reason >= GATEHOUSE_REASON_NOT_MINE && c.reason <= GATEHOUSE_REASON_INSUFFICIENT_SCOPE;
        const auto reason = known ? static_cast<Rejected::Reason>(c.reason) : Rejected::Reason::unknown;
        return Rejected{reason, copy(c.detail), cache, std::move(scopes)};
    }
    if (c.kind == GATEHOUSE_UNAVAILABLE) return Unavailable{copy(c.detail), std::chrono::seconds(c.retry_after_s)};
    return Unavailable{"the validator gave a verdict of no known kind", std::chrono::seconds(5)};
}

// For a gatehouse_verdict_sink whose ctx is a Verdict. Without memory for the verdict it stays what it was.
inline void takeVerdict(void* ctx, const gatehouse_verdict* got) noexcept {
    try {
        *static_cast<Verdict*>(ctx) = verdictFrom(*got);
    } catch (const std::exception&) {
    }
}

} // namespace gatehouse::border
