#include "tokens/token_keeper.hpp"

#include <algorithm>

namespace gatehouse {

namespace {

WallTime latest(std::initializer_list<std::optional<WallTime>> times) {
    WallTime out{};
    for (const auto& time : times) out = std::max(out, time.value_or(WallTime{}));
    return out;
}

} // namespace

// One that was never used is idle since it was made. To be refused is no use: who tries a stolen token in vain does not
// keep it in force. What is older than the days that are kept is not known that well.
bool TokenKeeper::isIdle(const TokenEntry& entry, const TokenUse& use, WallTime now) const {
    if (entry.maxIdleDays == 0 || statusOf(entry, now) != TokenStatus::active) return false;
    const bool isKnown = use.admittedAt || entry.maxIdleDays < TokenUsage::keptDays;
    const WallTime since = latest({isKnown ? use.admittedAt : use.lastUsedAt, entry.record.createdAt, entry.rotatedAt,
                                   entry.notBefore, entry.idleFrom});
    return since + std::chrono::hours(24) * entry.maxIdleDays <= now;
}

bool TokenKeeper::isOldTextQuiet(const TokenEntry& entry, const TokenUse& use, WallTime now) const {
    if (!entry.previous || !entry.previous->untilIdle || entry.previous->validUntil <= now) return false;
    return latest({use.previousUsedAt, entry.rotatedAt}) + quiet <= now;
}

void TokenKeeper::sweep() {
    const WallTime now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
    for (const TokenEntry& entry : store_.listWatched()) {
        const TokenUse use = usage_.of(entry);
        const std::string& id = entry.record.id;
        if (isIdle(entry, use, now)) {
            store_.change(id, [&](TokenEntry& token) { token.suspendedAt = now, token.isIdle = true; });
            log_.info(id + ": suspended, as nobody used it for " + std::to_string(entry.maxIdleDays) + " days");
        } else if (isOldTextQuiet(entry, use, now)) {
            store_.change(id, [](TokenEntry& token) { token.previous.reset(); });
            log_.info(id + ": the text before its rotation has ended, as nobody uses it");
        }
    }
}

} // namespace gatehouse
