#include "tokens/file_token_store.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include "tokens/token_family.hpp"
#include "tokens/token_fields.hpp"

namespace gatehouse {

namespace {

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
        file_.retireIf(expired, {GoneToken::Why::expired, now});
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

// By the clock that the file system writes by, which is the machine's.
std::chrono::nanoseconds FileTokenStore::sinceWritten() const {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file_.path(), error);
    return error ? std::chrono::nanoseconds(0) : std::filesystem::file_time_type::clock::now() - written;
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
        if (!gone.empty()) telemetry_.revoked(sinceWritten());
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

std::shared_ptr<FileTokenStore::Snapshot> FileTokenStore::snapshotOf(TokenFileContent content) {
    auto out = std::make_shared<Snapshot>();
    out->byText.reserve(content.tokens.size());
    out->byId.reserve(content.tokens.size());
    for (TokenEntry& one : content.tokens) {
        const auto entry = std::make_shared<const TokenEntry>(std::move(one));
        out->byText.emplace(entry->digest, entry);
        if (entry->previous) out->byText.emplace(entry->previous->digest, entry);
        out->byId.emplace(entry->record.id, entry);
    }
    for (GoneToken& token : content.gone) { // the latest of one digest is what is so
        const Sha256 digest = token.digest;
        out->gone.insert_or_assign(digest, std::move(token));
    }
    return out;
}

// With what is derived from them.
std::vector<std::string> FileTokenStore::idsGone(const Snapshot& before, const Snapshot& after) {
    std::vector<std::string> gone;
    for (const auto& [digest, entry] : before.byText) {
        const auto still = after.byText.find(digest);
        if (still == after.byText.end() || !meansSame(*entry, *still->second)) gone.push_back(entry->record.id);
    }
    if (gone.empty()) return gone;
    std::vector<TokenEntry> all;
    for (const auto& [id, entry] : before.byId)
        if (!entry->parent.empty()) all.push_back(*entry);
    return withDerived(gone, all);
}

WallTime FileTokenStore::nextBegin(const Snapshot& snapshot, WallTime now) const {
    WallTime next = never;
    for (const auto& [id, entry] : snapshot.byId)
        if (entry->notBefore > now) next = std::min(next, entry->notBefore);
    return next;
}

std::vector<std::string> FileTokenStore::replace(TokenFileContent content) {
    std::shared_ptr<const Snapshot> fresh = snapshotOf(std::move(content));
    auto gone = idsGone(*current(), *fresh);
    nextBegin_ = nextBegin(*fresh, clock_.wall());
    {
        const std::lock_guard lock(mutex_);
        snapshot_ = std::move(fresh);
    }
    generations_.begin(gone);
    return gone;
}

// Refusals of a token that was not yet valid are kept no longer.
void FileTokenStore::beginDue() {
    if (nextBegin_.load() > clock_.wall()) return;
    const auto snapshot = current();
    nextBegin_ = nextBegin(*snapshot, clock_.wall());
    generations_.begin({});
    if (changed_) changed_({});
}

std::shared_ptr<const FileTokenStore::Snapshot> FileTokenStore::current() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
}

TokenMatchResult FileTokenStore::match(const Sha256& digest) const {
    const auto snapshot = current();
    const auto found = snapshot->byText.find(digest);
    if (found == snapshot->byText.end() || !equalInConstantTime(found->first, digest)) return TokenUnknown{};
    const auto byId = [&](const std::string& id) {
        const auto entry = snapshot->byId.find(id);
        return entry == snapshot->byId.end() ? nullptr : entry->second;
    };
    return matchOf(found->second, digest, byId, clock_.wall());
}

std::optional<GoneToken> FileTokenStore::findGone(const Sha256& digest) const {
    const auto snapshot = current();
    if (snapshot->byText.count(digest) != 0) return heldAs(match(digest));
    const auto found = snapshot->gone.find(digest);
    return found == snapshot->gone.end() ? std::nullopt : std::optional(found->second);
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

std::vector<TokenEntry> FileTokenStore::listWatched() const {
    auto entries = file_.read();
    std::erase_if(entries, [](const TokenEntry& entry) { return !isWatched(entry); });
    return entries;
}

std::optional<TokenEntry> FileTokenStore::get(const std::string& id) const {
    for (TokenEntry& entry : file_.read())
        if (entry.record.id == id) return std::move(entry);
    return std::nullopt;
}

std::optional<TokenEntry> FileTokenStore::getByRequest(const std::string& key) const {
    try {
        for (TokenEntry& entry : file_.read())
            if (entry.request && entry.request->key == key) return std::move(entry);
    } catch (const TokenStoreMissing&) { // none yet
    }
    return std::nullopt;
}

std::vector<GoneToken> FileTokenStore::listGone() const {
    return parseTokenFile(file_.readText(), file_.path(), clock_.wall()).gone;
}

void FileTokenStore::add(const TokenEntry& entry) {
    adopted([&] { return file_.add(entry, now()), true; });
}

bool FileTokenStore::change(const std::string& id, const Change& change) {
    return adopted([&] { return file_.change(id, change, now()); });
}

bool FileTokenStore::revive(const std::string& id, const Change& change) {
    return adopted([&] { return file_.revive(id, change, now()); });
}

std::vector<std::string> FileTokenStore::revoke(const std::vector<std::string>& ids, const std::string& because) {
    std::vector<std::string> revoked;
    adopted([&] {
        const auto all = withDerived(ids, file_.read());
        const std::set<std::string> meant(all.begin(), all.end());
        const auto isMeant = [&](const TokenEntry& entry) {
            return meant.count(entry.record.id) != 0 || meant.count(entry.parent) != 0;
        };
        for (const TokenEntry& entry : file_.retireIf(isMeant, {GoneToken::Why::removed, now(), because}))
            revoked.push_back(entry.record.id);
        return !revoked.empty();
    });
    return revoked;
}

bool FileTokenStore::withdraw(const std::string& id) {
    const auto named = [&](const TokenEntry& entry) { return entry.record.id == id; };
    return adopted([&] { return !file_.removeIf(named).empty(); });
}

} // namespace gatehouse
