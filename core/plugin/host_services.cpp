#include "plugin/host_services.hpp"

#include <algorithm>

#include <gatehouse/verdict_border.hpp>

namespace gatehouse {

namespace {

using border::str;
using border::view;

HostServices& self(void* ctx) { return *static_cast<HostServices*>(ctx); }

} // namespace

// The border: what the server throws must not reach the plugin.
struct HostTable {
    static void log(void* ctx, std::int32_t level, gatehouse_str message) noexcept {
        try {
            const auto known =
                static_cast<LogLevel>(std::clamp<std::int32_t>(level, GATEHOUSE_LOG_DEBUG, GATEHOUSE_LOG_ERROR));
            std::string line = "[" + self(ctx).plugin_ + "] ";
            self(ctx).deps_.log(known, line.append(view(message)));
        } catch (...) { // a lost line is better than a dead process
        }
    }
    static std::int64_t now(void* ctx) noexcept { return border::millis(self(ctx).deps_.clock.wall()); }
    static std::int32_t findToken(void* ctx, const std::uint8_t digest[32], void* foundCtx,
                                  void (*found)(void*, const gatehouse_token_record*)) noexcept {
        try {
            Sha256 key{};
            std::copy(digest, digest + key.size(), key.begin());
            const TokenLookup answer = self(ctx).deps_.findToken(key);
            if (std::holds_alternative<TokenUnknown>(answer)) return 0;
            const auto* record = std::get_if<TokenRecord>(&answer);
            if (!record) return -1;
            const gatehouse_token_record c = {sizeof(c),
                                              str(record->id),
                                              str(record->note),
                                              str(record->database),
                                              border::millis(record->createdAt),
                                              border::millis(record->expiresAt)};
            found(foundCtx, &c);
            return 1;
        } catch (...) {
            return -1;
        }
    }
    static void dropVerdicts(void* ctx, gatehouse_str isolationKey) noexcept {
        try {
            self(ctx).deps_.dropVerdicts(view(isolationKey));
        } catch (...) {
            log(ctx, GATEHOUSE_LOG_ERROR, str("dropping verdicts failed"));
        }
    }
    static void notify(void* ctx, std::int32_t change, gatehouse_str uri) noexcept {
        if (change < GATEHOUSE_CHANGE_TOOLS || change > GATEHOUSE_CHANGE_RESOURCE) return;
        try {
            self(ctx).deps_.notify(static_cast<Change>(change), view(uri));
        } catch (...) {
            log(ctx, GATEHOUSE_LOG_ERROR, str("telling of a change failed"));
        }
    }
    static void fetch(void* ctx, const gatehouse_fetch_request* c, void* answerCtx,
                      void (*answer)(void*, const gatehouse_fetch_answer*)) noexcept {
        gatehouse_fetch_answer out{sizeof(out), 0, {}, {}, str("the fetch failed within the host")};
        try {
            const FetchResult result = self(ctx).deps_.fetch(fetchRequest(*c));
            const auto* got = std::get_if<FetchAnswer>(&result);
            if (got) out = {sizeof(out), got->status, str(got->body), str(got->contentType), {}};
            else out.error = str(std::get<FetchFault>(result).words);
            answer(answerCtx, &out);
        } catch (...) {
            answer(answerCtx, &out);
        }
    }
    static FetchRequest fetchRequest(const gatehouse_fetch_request& c) {
        FetchRequest request;
        request.url = border::copy(c.url);
        request.method = border::copy(c.method);
        for (std::size_t i = 0; i < c.field_count; ++i)
            request.headers.emplace_back(border::copy(c.fields[i].name), border::copy(c.fields[i].value));
        request.body = border::copy(c.body);
        request.timeout = std::chrono::milliseconds(c.timeout_ms);
        request.maxBytes = c.max_bytes;
        request.publicOnly = (c.flags & GATEHOUSE_FETCH_PUBLIC_ONLY) != 0;
        return request;
    }
    static const gatehouse_other_validator* validator(void* ctx, gatehouse_str name, gatehouse_sink error) noexcept {
        try {
            auto& lent = self(ctx).lent_;
            TokenValidator& other = self(ctx).deps_.validator(view(name));
            lent.push_back({other, {sizeof(gatehouse_other_validator), &other, &HostTable::validate}});
            return &lent.back().table;
        } catch (const std::exception& fault) {
            error.put(error.ctx, str(fault.what()));
        } catch (...) {
            error.put(error.ctx, str("the other validator is not available"));
        }
        return nullptr;
    }
    static void validate(void* ctx, const gatehouse_token_request* request, gatehouse_verdict_sink out) noexcept {
        try {
            border::putJudgement(*request, out, [ctx](const TokenRequest& asked) {
                return static_cast<TokenValidator*>(ctx)->validate(asked);
            });
        } catch (...) { // without a verdict it counts as unavailable
        }
    }
};

HostServices::HostServices(HostDeps& deps, std::string pluginName) : deps_(deps), plugin_(std::move(pluginName)) {
    table_ = {sizeof(table_),        this,
              &HostTable::log,       &HostTable::now,
              &HostTable::findToken, &HostTable::dropVerdicts,
              &HostTable::notify,    &HostTable::fetch,
              &HostTable::validator, str(deps_.resourceUrl)};
}

void HostServices::reportFault(const char* function, const char* fault) const noexcept {
    try {
        {
            const std::lock_guard lock(mutex_);
            if (!reported_.insert(function).second) return;
        }
        deps_.log(LogLevel::error,
                  "[" + plugin_ + "] " + function + " gave " + fault + ", against gatehouse/abi.h (logged once)");
    } catch (const std::exception&) { // a lost line is better than a dead process
    }
}

} // namespace gatehouse
