#include "tokens/file_token_store.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse {

namespace {

bool sameToken(const TokenEntry& a, const TokenEntry& b) {
    return a.record.id == b.record.id && a.record.database == b.record.database &&
           a.record.expiresAt == b.record.expiresAt;
}

std::vector<std::string> idsGone(const TokenMap& before, const TokenMap& after) {
    std::vector<std::string> gone;
    for (const auto& [digest, entry] : before) {
        const auto still = after.find(digest);
        if (still == after.end() || !sameToken(entry, still->second)) gone.push_back(entry.record.id);
    }
    return gone;
}

// Moves what has expired from the tokens to those that have gone; says how many they were.
std::size_t retireExpired(TokenFileContent& content, WallTime now) {
    const auto lasts = [&](const TokenEntry& entry) { return !isExpired(entry.record, now); };
    const auto first = std::stable_partition(content.tokens.begin(), content.tokens.end(), lasts);
    const auto count = static_cast<std::size_t>(std::distance(first, content.tokens.end()));
    for (auto entry = first; entry != content.tokens.end(); ++entry)
        content.gone.push_back(goneFrom(*entry, GoneToken::Why::expired, now));
    content.tokens.erase(first, content.tokens.end());
    return count;
}

} // namespace

FileTokenStore::FileTokenStore(std::string path, const Clock& clock, Log& log, Telemetry& telemetry)
    : file_(std::move(path)), clock_(clock), log_(log), telemetry_(telemetry) {}

std::vector<std::string> FileTokenStore::check() const {
    static_cast<void>(file_.read());
    const std::string warning = file_.openToOthers();
    return warning.empty() ? std::vector<std::string>() : std::vector<std::string>{warning};
}

void FileTokenStore::load(Access access) {
    const std::lock_guard lock(reloading_);
    lastText_ = file_.readText();
    const WallTime now = clock_.wall();
    auto content = parseTokenFile(lastText_, file_.path(), now);
    warnIfOpenToOthers();
    log_.plain("Loaded " + std::to_string(content.tokens.size()) + " API token(s) from " + file_.path());
    const std::size_t count = retireExpired(content, now);
    if (count > 0 && access == Access::write) {
        log_.plain("Removed " + std::to_string(count) + " expired token(s)");
        content = withoutExpiredInFile(std::move(content), now);
    }
    replace(std::move(content));
    isLoaded_ = true;
}

void FileTokenStore::watch() {
    watcher_.emplace(file_.path(), [this] { reload(); });
    log_.plain("Watching " + file_.path() + " for changes");
}

void FileTokenStore::lookNow() {
    if (watcher_) watcher_->lookNow();
}

// What the file holds after the expired ones were taken out of it; `known` when it cannot be written.
TokenFileContent FileTokenStore::withoutExpiredInFile(TokenFileContent known, WallTime now) {
    try {
        const auto expired = [&](const TokenEntry& entry) { return isExpired(entry.record, now); };
        file_.retireIf(expired, GoneToken::Why::expired, now);
        std::string text = file_.readText(); // anew: others may have written meanwhile
        auto content = parseTokenFile(text, file_.path(), now);
        retireExpired(content, now);
        lastText_ = std::move(text);
        return content;
    } catch (const std::exception& fault) { // refused all the same; the file stays as it is
        log_.warning(std::string("expired tokens stay in the file: ") + fault.what());
        return known;
    }
}

void FileTokenStore::warnIfOpenToOthers() {
    const std::string warning = file_.openToOthers();
    if (!warning.empty() && warning != lastWarning_) log_.warning(warning);
    lastWarning_ = warning;
}

void FileTokenStore::reload() {
    const std::lock_guard lock(reloading_);
    warnIfOpenToOthers();
    try {
        std::string text = file_.readText();
        if (text == lastText_ && healthy()) return;
        lastText_ = std::move(text);
        const auto gone = replace(parseTokenFile(lastText_, file_.path(), clock_.wall()));
        healthy_ = true;
        lastProblem_.clear();
        if (changed_) changed_(gone);
        log_.plain("[AUTH] Reloaded " + file_.path());
        telemetry_.counted(Counter::tokenReloads);
    } catch (const std::exception& fault) {
        healthy_ = false;
        if (lastProblem_ == fault.what()) return; // told already
        lastProblem_ = fault.what();
        log_.error("[AUTH] Failed to reload, the last good tokens stay in force: " + lastProblem_);
        telemetry_.counted(Counter::tokenReloadFailures);
    }
}

std::vector<std::string> FileTokenStore::replace(TokenFileContent content) {
    auto fresh = std::make_shared<Snapshot>();
    fresh->tokens.reserve(content.tokens.size());
    for (TokenEntry& entry : content.tokens) {
        const Sha256 digest = entry.digest;
        fresh->tokens.emplace(digest, std::move(entry));
    }
    for (GoneToken& token : content.gone) { // the latest of one digest is what is so
        const Sha256 digest = token.digest;
        fresh->gone.insert_or_assign(digest, std::move(token));
    }
    auto gone = idsGone(current()->tokens, fresh->tokens);
    std::lock_guard lock(mutex_);
    snapshot_ = std::move(fresh);
    const std::uint64_t next = generation_.load(std::memory_order_relaxed) + 1;
    changes_.push_back({next, gone});
    if (changes_.size() > maxKeptChanges) changes_.pop_front();
    generation_.store(next, std::memory_order_release);
    return gone;
}

std::shared_ptr<const FileTokenStore::Snapshot> FileTokenStore::current() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
}

TokenLookup FileTokenStore::find(const Sha256& digest) const {
    const auto snapshot = current();
    const auto found = snapshot->tokens.find(digest);
    if (found == snapshot->tokens.end() || !equalInConstantTime(found->first, digest)) return TokenUnknown{};
    return found->second.record;
}

std::optional<GoneToken> FileTokenStore::findGone(const Sha256& digest) const {
    const auto snapshot = current();
    const auto found = snapshot->gone.find(digest);
    if (found == snapshot->gone.end() || snapshot->tokens.count(digest) != 0) return std::nullopt;
    return found->second;
}

TokenChanges FileTokenStore::changesSince(std::uint64_t generation) const {
    std::lock_guard lock(mutex_);
    if (generation >= this->generation()) return {};
    TokenChanges out;
    out.all = changes_.empty() || changes_.front().generation > generation + 1;
    for (const Change& change : changes_)
        if (change.generation > generation) out.gone.insert(out.gone.end(), change.gone.begin(), change.gone.end());
    if (out.all) out.gone.clear();
    return out;
}

// --- keeping

WallTime FileTokenStore::now() const { return std::chrono::floor<std::chrono::seconds>(clock_.wall()); }

// What was written is in force before the writer goes on.
bool FileTokenStore::adopted(const std::function<bool()>& write) {
    const auto reloaded = [this] {
        if (isLoaded_) reload();
    };
    bool changed = false;
    try {
        changed = write();
    } catch (const std::exception&) { // perhaps after the file was replaced
        reloaded();
        throw;
    }
    if (changed) reloaded();
    if (changed && !healthy())
        throw TokenStoreError(file_.path() + ": was written, and cannot be read: not yet in force");
    return changed;
}

void FileTokenStore::add(const TokenEntry& entry) {
    adopted([&] { return file_.add(entry), true; });
}

bool FileTokenStore::change(const std::string& id, const std::function<void(TokenRecord&)>& change) {
    const auto changed = [&](TokenEntry& entry) { change(entry.record); };
    return adopted([&] { return file_.change(id, changed, now()); });
}

bool FileTokenStore::rotate(const std::string& id, const Sha256& fresh) {
    const auto changed = [&](TokenEntry& entry) { entry.digest = fresh; };
    return adopted([&] { return file_.change(id, changed, now()); });
}

bool FileTokenStore::revoke(const std::string& id) {
    const auto named = [&](const TokenEntry& entry) { return entry.record.id == id; };
    return adopted([&] { return !file_.retireIf(named, GoneToken::Why::removed, now()).empty(); });
}

bool FileTokenStore::withdraw(const std::string& id) {
    const auto named = [&](const TokenEntry& entry) { return entry.record.id == id; };
    return adopted([&] { return !file_.removeIf(named).empty(); });
}

} // namespace gatehouse
