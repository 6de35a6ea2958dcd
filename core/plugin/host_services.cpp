#include "plugin/host_services.hpp"

#include <algorithm>

#include <gatehouse/border.hpp>

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
            self(ctx).port_.log.write(known, line.append(view(message)));
        } catch (...) { // a lost line is better than a dead process
        }
    }
    static std::int64_t now(void* ctx) noexcept { return border::millis(self(ctx).port_.clock.wall()); }
    static std::int32_t findToken(void* ctx, const std::uint8_t digest[32], void* foundCtx,
                                  void (*found)(void*, const gatehouse_token_record*)) noexcept {
        try {
            Sha256 key{};
            std::copy(digest, digest + key.size(), key.begin());
            const TokenLookup answer = self(ctx).port_.findToken(key);
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
            self(ctx).port_.dropVerdicts(view(isolationKey));
        } catch (...) {
            log(ctx, GATEHOUSE_LOG_ERROR, str("dropping verdicts failed"));
        }
    }
    static void notify(void* ctx, std::int32_t change, gatehouse_str uri) noexcept {
        if (change < GATEHOUSE_CHANGE_TOOLS || change > GATEHOUSE_CHANGE_RESOURCE) return;
        try {
            self(ctx).port_.notify(static_cast<Change>(change), view(uri));
        } catch (...) {
            log(ctx, GATEHOUSE_LOG_ERROR, str("telling of a change failed"));
        }
    }
};

HostServices::HostServices(HostPort& port, std::string pluginName) : port_(port), plugin_(std::move(pluginName)) {
    table_ = {
        sizeof(table_),    this, &HostTable::log, &HostTable::now, &HostTable::findToken, &HostTable::dropVerdicts,
        &HostTable::notify};
}

} // namespace gatehouse
