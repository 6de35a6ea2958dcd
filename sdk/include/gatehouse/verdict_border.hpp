// Requests to judge and verdicts, between abi.h and the SDK's classes. Used by both sides of the border.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
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
        c_ = {sizeof(c_),
              str(request.token),
              str(request.scheme),
              str(request.method),
              str(request.url),
              str(request.peer),
              str(request.certificate),
              request.tokenSha256.data(),
              fields_.data(),
              fields_.size(),
              {}};
        if (request.trace) c_.trace = {request.trace, addCheck};
    }
    TokenRequestView(const TokenRequestView&) = delete;
    TokenRequestView& operator=(const TokenRequestView&) = delete;
    const gatehouse_token_request* get() const { return &c_; }

private:
    static void addCheck(void* ctx, gatehouse_str rule, std::int32_t passed, gatehouse_str detail) noexcept {
        try {
            static_cast<std::vector<TokenCheck>*>(ctx)->push_back({copy(rule), passed != 0, copy(detail)});
        } catch (const std::exception&) { // no memory: the trace is shorter
        }
    }
    std::vector<gatehouse_field> fields_;
    gatehouse_token_request c_{};
};

inline TokenRequest tokenRequest(const gatehouse_token_request& c) {
    TokenRequest request;
    request.token = view(c.token);
    request.scheme = view(c.scheme);
    request.method = view(c.method);
    request.url = view(c.url);
    request.peer = view(c.peer);
    request.certificate = view(c.certificate);
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
    c.cache_ms = cache.time() == CachePolicy::unlimited ? GATEHOUSE_NEVER : std::int64_t{cache.time().count()};
    c.cache_flags = (cache.isPerPeer() ? std::uint32_t{GATEHOUSE_CACHE_PER_PEER} : 0u) |
                    (cache.isPerCertificate() ? std::uint32_t{GATEHOUSE_CACHE_PER_CERTIFICATE} : 0u);
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

// Judges a request of the other side with `validate`, and puts the trace, if it wants one, and the verdict.
template <class Validate>
void putJudgement(const gatehouse_token_request& c, gatehouse_verdict_sink out, const Validate& validate) {
    std::vector<TokenCheck> trace;
    TokenRequest request = tokenRequest(c);
    if (c.trace.put) request.trace = &trace;
    const Verdict verdict = validate(request);
    for (const TokenCheck& check : trace)
        c.trace.put(c.trace.ctx, str(check.rule), check.passed ? 1 : 0, str(check.detail));
    putVerdict(out, verdict);
}

inline CachePolicy cachePolicyFrom(const gatehouse_verdict& c) {
    CachePolicy policy = CachePolicy::forToken(c.cache_ms == GATEHOUSE_NEVER ? CachePolicy::unlimited
                                                                             : std::chrono::milliseconds(c.cache_ms));
    if ((c.cache_flags & GATEHOUSE_CACHE_PER_PEER) != 0) policy = policy.perPeer();
    if ((c.cache_flags & GATEHOUSE_CACHE_PER_CERTIFICATE) != 0) policy = policy.perCertificate();
    return policy;
}

inline Verdict verdictFrom(const gatehouse_verdict& c) {
    const CachePolicy cache = cachePolicyFrom(c);
    std::vector<std::string> scopes;
    for (std::size_t i = 0; i < c.needed_scope_count; ++i) scopes.push_back(copy(c.needed_scopes[i]));
    if (c.kind == GATEHOUSE_ACCEPT) return Accepted{identity(*c.identity), cache, std::move(scopes)};
    if (c.kind == GATEHOUSE_REJECT) {
        const bool known = c.reason >= GATEHOUSE_REASON_NOT_MINE && c.reason <= GATEHOUSE_REASON_INSUFFICIENT_SCOPE;
        const auto reason = known ? static_cast<Rejected::Reason>(c.reason) : Rejected::Reason::unknown;
        return Rejected{reason, copy(c.detail), cache, std::move(scopes)};
    }
    return Unavailable{copy(c.detail), std::chrono::seconds(c.retry_after_s)};
}

// What is wrong with a verdict of the other side; null: nothing. Must be null before verdictFrom.
inline const char* wrongIn(const gatehouse_identity* c) {
    if (!c) return "an accept without an identity";
    if (c->size < GATEHOUSE_IDENTITY_SIZE_1_0) return "an identity whose size is too small";
    if (c->scope_count > 0 && !c->scopes) return "scopes that are null";
    for (const gatehouse_str text : {c->issuer, c->subject, c->client_id, c->token_id, c->isolation_key})
        if (!isUtf8(view(text))) return "an identity that is not UTF-8";
    for (std::size_t i = 0; i < c->scope_count; ++i)
        if (!isUtf8(view(c->scopes[i]))) return "a scope that is not UTF-8";
    if (c->isolation_key.size == 0) return "an identity without isolation_key";
    const std::string_view claims = view(c->claims_json);
    const bool isObject = claims.empty() || (claims.front() == '{' && claims.back() == '}' && isUtf8(claims));
    return isObject ? nullptr : "claims_json that is not a JSON object";
}
inline const char* wrongIn(const gatehouse_verdict* c) {
    if (!c) return "a null verdict";
    if (c->size < GATEHOUSE_VERDICT_SIZE_1_0) return "a verdict whose size is too small";
    if (c->kind < GATEHOUSE_ACCEPT || c->kind > GATEHOUSE_UNAVAILABLE) return "a verdict of no known kind";
    if (c->needed_scope_count > 0 && !c->needed_scopes) return "needed_scopes that are null";
    return c->kind == GATEHOUSE_ACCEPT ? wrongIn(c->identity) : nullptr;
}

// Collects the verdict of a call over the border: the first counts.
class VerdictBox {
public:
    gatehouse_verdict_sink sink() { return {this, put}; }
    // What the other side did wrong; null: nothing.
    const char* fault() const { return fault_ ? fault_ : verdict_ ? nullptr : "no verdict"; }
    // Unavailable when there is no usable verdict.
    Verdict release() {
        if (verdict_) return std::move(*verdict_);
        return Unavailable{std::string("the validator gave ") + fault(), std::chrono::seconds(5)};
    }

private:
    static void put(void* ctx, const gatehouse_verdict* got) noexcept {
        auto& box = *static_cast<VerdictBox*>(ctx);
        if (std::exchange(box.isAnswered_, true)) return void(box.fault_ = box.fault_ ? box.fault_ : "two verdicts");
        box.fault_ = wrongIn(got);
        if (box.fault_) return;
        try {
            box.verdict_ = verdictFrom(*got);
        } catch (const std::exception&) {
            box.fault_ = "a verdict for which there is no memory";
        }
    }
    bool isAnswered_ = false;
    const char* fault_ = nullptr;
    std::optional<Verdict> verdict_;
};

} // namespace gatehouse::border
