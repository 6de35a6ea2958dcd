#include "tokens/token_store.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse {

namespace {

bool sameToken(const TokenEntry& a, const TokenEntry& b) {
    return a.record.id == b.record.id && a.record.database == b.record.database &&
           a.record.expiresAt == b.record.expiresAt;
}

std::vector<std::string> goneFrom(const TokenMap& before, const TokenMap& after) {
    std::vector<std::string> gone;
    for (const auto& [digest, entry] : before) {
        const auto still = after.find(digest);
        if (still == after.end() || !sameToken(entry, still->second)) gone.push_back(entry.record.id);
    }
    return gone;
}

} // namespace

TokenStore::TokenStore(std::string path, const Clock& clock, Log& log, Observer& observer)
    : file_(std::move(path)), clock_(clock), log_(log), observer_(observer) {}

void TokenStore::load() {
    lastText_ = file_.readText();
    auto entries = parseTokens(lastText_, file_.path());
    tellIfOpenToOthers();
    log_.plain("Loaded " + std::to_string(entries.size()) + " API token(s) from " + file_.path());
    removeExpired(entries);
    replace(std::move(entries));
}

void TokenStore::removeExpired(std::vector<TokenEntry>& entries) {
    const WallTime now = clock_.wall();
    const auto expired = [&](const TokenEntry& entry) { return isExpired(entry.record, now); };
    const auto kept = std::remove_if(entries.begin(), entries.end(), expired);
    const auto count = std::distance(kept, entries.end());
    if (count == 0) return;
    entries.erase(kept, entries.end());
    log_.plain("Removed " + std::to_string(count) + " expired token(s)");
    try {
        file_.removeIf(expired);
        lastText_ = file_.readText(); // anew: others may have written meanwhile
        entries = parseTokens(lastText_, file_.path());
        entries.erase(std::remove_if(entries.begin(), entries.end(), expired), entries.end());
    } catch (const std::exception& fault) { // refused all the same; the file stays as it is
        log_.warning(std::string("expired tokens stay in the file: ") + fault.what());
    }
}

void TokenStore::tellIfOpenToOthers() {
    const std::string warning = file_.openToOthers();
    if (!warning.empty() && warning != lastWarning_) log_.warning(warning);
    lastWarning_ = warning;
}

void TokenStore::reload() {
    tellIfOpenToOthers();
    try {
        std::string text = file_.readText();
        if (text == lastText_ && healthy()) return;
        lastText_ = std::move(text);
        const auto gone = replace(parseTokens(lastText_, file_.path()));
        healthy_ = true;
        lastProblem_.clear();
        if (changed_) changed_(gone);
        log_.plain("[AUTH] Reloaded " + file_.path());
        observer_.counted(Tally::tokenReloads);
    } catch (const std::exception& fault) {
        healthy_ = false;
        if (lastProblem_ == fault.what()) return; // told already
        lastProblem_ = fault.what();
        log_.error("[AUTH] Failed to reload, the last good tokens stay in force: " + lastProblem_);
        observer_.counted(Tally::tokenReloadFailures);
    }
}

std::vector<std::string> TokenStore::replace(std::vector<TokenEntry> entries) {
    auto fresh = std::make_shared<TokenMap>();
    fresh->reserve(entries.size());
    for (TokenEntry& entry : entries) {
        const Sha256 digest = entry.digest;
        fresh->emplace(digest, std::move(entry));
    }
    auto gone = goneFrom(*current(), *fresh);
    {
        std::lock_guard lock(mutex_);
        tokens_ = std::move(fresh);
    }
    generation_.fetch_add(1, std::memory_order_release);
    return gone;
}

std::shared_ptr<const TokenMap> TokenStore::current() const {
    std::lock_guard lock(mutex_);
    return tokens_;
}

TokenLookup TokenStore::find(const Sha256& digest) const {
    const auto tokens = current();
    const auto found = tokens->find(digest);
    if (found == tokens->end() || !equalInConstantTime(found->first, digest)) return TokenUnknown{};
    return found->second.record;
}

} // namespace gatehouse
