#include "tokens/sqlite_token_store.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

#include "tokens/sqlite_tables.hpp"
#include "tokens/token_family.hpp"

namespace gatehouse {

namespace {

void addNew(std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const std::string& text : more)
        if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

} // namespace

SqliteTokenStore::SqliteTokenStore(std::string file, const Clock& clock, Log& log, Telemetry& telemetry)
    : file_(std::move(file)), clock_(clock), log_(log), telemetry_(telemetry) {}

SqliteTokenStore::~SqliteTokenStore() { watcher_.reset(); }

WallTime SqliteTokenStore::now() const { return std::chrono::floor<std::chrono::seconds>(clock_.wall()); }

// --- the start

std::vector<std::string> SqliteTokenStore::check() const {
    if (!std::filesystem::exists(file_)) return {};
    SqliteDatabase database(file_, SqliteDatabase::Mode::read);
    checkTokenTables(database);
    struct stat facts {};
    if (::stat(file_.c_str(), &facts) != 0 || (facts.st_mode & 077) == 0) return {};
    return {file_ + ": others may read or write it; expected mode 0600"};
}

void SqliteTokenStore::load(Access access) {
    if (access == Access::write)
        write([&](SqliteTokenWriter& writer) {
            const std::size_t count = writer.retireExpired(now());
            if (count > 0) log_.plain("Removed " + std::to_string(count) + " expired token(s)");
        });
    const std::scoped_lock lock(looking_, reading_);
    loadedAt_ = access == Access::read ? clock_.wall() : WallTime{};
    reader_ = std::make_unique<SqliteTokenReader>(file_, SqliteDatabase::Mode::read);
    seen_ = reader_->lastChange();
    nextBegin_ = reader_->nextBegin(clock_.wall());
    log_.plain("Loaded " + std::to_string(reader_->count()) + " API token(s) from " + file_);
    isLoaded_ = true;
}

// The log of what is written lies beside the file.
void SqliteTokenStore::watch() {
    watcher_.emplace(file_, [this] { look(); });
    log_.plain("Watching " + file_ + " for changes");
}

void SqliteTokenStore::lookNow() {
    if (watcher_) watcher_->lookNow();
}

void SqliteTokenStore::look() {
    try {
        if (!takeOver()) return;
        log_.plain("[AUTH] Reloaded " + file_);
        telemetry_.counted(Counter::tokenReloads);
    } catch (const std::exception& fault) {
        report(fault);
    }
}

// What was written since is in force, and told. True if there was any.
bool SqliteTokenStore::takeOver() {
    const std::lock_guard lock(looking_);
    std::optional<std::vector<std::string>> ids;
    const std::int64_t before = seen_;
    {
        const std::lock_guard reading(reading_);
        ids = reader_->changesSince(seen_);
        if (seen_ != before) nextBegin_ = reader_->nextBegin(clock_.wall());
    }
    healthy_ = true;
    lastProblem_.clear();
    if (seen_ == before) return false;
    if (!ids) ids = std::vector<std::string>{""}; // everything
    generations_.begin(*ids);
    if (changed_) changed_(*ids);
    return true;
}

void SqliteTokenStore::report(const std::exception& fault) {
    const std::lock_guard lock(looking_);
    healthy_ = false;
    if (lastProblem_ == fault.what()) return; // told already
    lastProblem_ = fault.what();
    log_.error("[AUTH] The token store cannot be read: " + lastProblem_);
    telemetry_.counted(Counter::tokenReloadFailures);
}

// --- judging

// With `read`, what had expired is there still, and counts as gone.
TokenMatchResult SqliteTokenStore::match(const Sha256& digest) const {
    const TokenMatchResult found = lookUp(digest);
    const auto* token = std::get_if<TokenMatch>(&found);
    return token && isExpired(token->entry->record, loadedAt_) ? TokenUnknown{} : found;
}

TokenMatchResult SqliteTokenStore::lookUp(const Sha256& digest) const {
    try {
        const std::lock_guard lock(reading_);
        if (!reader_) return TokenStoreDown{};
        auto entry = reader_->byText(digest);
        if (!entry) return TokenUnknown{};
        return matchOf(
            std::move(entry), digest, [&](const std::string& id) { return reader_->byId(id); }, clock_.wall());
    } catch (const std::exception& fault) {
        log_.error("[AUTH] The token store cannot be read: " + std::string(fault.what()));
        return TokenStoreDown{};
    }
}

std::optional<GoneToken> SqliteTokenStore::findGone(const Sha256& digest) const {
    const TokenMatchResult found = lookUp(digest);
    if (!std::holds_alternative<TokenUnknown>(found)) return heldAs(found);
    try {
        const std::lock_guard lock(reading_);
        return reader_->gone(digest);
    } catch (const std::exception&) { // it decides nothing
        return std::nullopt;
    }
}

// Refusals of a token that was not yet valid are kept no longer.
void SqliteTokenStore::beginDue() {
    if (nextBegin_.load() > clock_.wall()) return;
    nextBegin_ = never;
    {
        const std::lock_guard lock(reading_);
        nextBegin_ = reader_->nextBegin(clock_.wall());
    }
    generations_.begin({});
    if (changed_) changed_({});
}

// --- keeping

// In force when it returns, where the tokens are loaded.
void SqliteTokenStore::write(const std::function<void(SqliteTokenWriter&)>& work) {
    {
        const std::lock_guard lock(writing_);
        if (!writer_) writer_ = std::make_unique<SqliteTokenWriter>(file_);
        writer_->database().transaction([&] { work(*writer_); });
    }
    if (isLoaded_) takeOver();
}

std::vector<TokenEntry> SqliteTokenStore::list() const {
    return listBy("SELECT id, sha256, document FROM tokens ORDER BY number");
}

std::vector<TokenEntry> SqliteTokenStore::listWatched() const {
    return listBy("SELECT id, sha256, document FROM tokens WHERE watched=1 ORDER BY number");
}

std::vector<TokenEntry> SqliteTokenStore::listBy(const char* query) const {
    SqliteDatabase database(file_, SqliteDatabase::Mode::read);
    SqliteStatement all(database, query);
    std::vector<TokenEntry> out;
    while (all.next()) out.push_back(entryFrom(std::string(all.text(0)), all.blob(1), all.text(2), file_));
    return out;
}

std::optional<TokenEntry> SqliteTokenStore::get(const std::string& id) const {
    SqliteTokenReader reader(file_, SqliteDatabase::Mode::read);
    const auto entry = reader.byId(id);
    return entry ? std::optional(*entry) : std::nullopt;
}

std::optional<TokenEntry> SqliteTokenStore::getByRequest(const std::string& key) const {
    SqliteTokenReader reader(file_, SqliteDatabase::Mode::read);
    const auto entry = reader.byRequest(key);
    return entry ? std::optional(*entry) : std::nullopt;
}

std::vector<GoneToken> SqliteTokenStore::listGone() const {
    SqliteDatabase database(file_, SqliteDatabase::Mode::read);
    SqliteStatement all(database, "SELECT id, sha256, document FROM gone ORDER BY number");
    std::vector<GoneToken> out;
    while (all.next()) out.push_back(goneFrom(std::string(all.text(0)), all.blob(1), all.text(2), file_));
    return out;
}

void SqliteTokenStore::add(const TokenEntry& entry) {
    write([&](SqliteTokenWriter& writer) { writer.add(entry); });
}

bool SqliteTokenStore::change(const std::string& id, const Change& change) {
    bool isThere = false;
    write([&](SqliteTokenWriter& writer) {
        const auto before = writer.reader().byId(id);
        isThere = before != nullptr;
        if (isThere) writer.replace(*before, change, now());
    });
    return isThere;
}

bool SqliteTokenStore::revive(const std::string& id, const Change& change) {
    bool isThere = false;
    write([&](SqliteTokenWriter& writer) {
        const auto gone = writer.lastGone(id);
        isThere = gone && gone->why == GoneToken::Why::expired && !writer.reader().byId(id);
        if (isThere) writer.revive(*gone, change);
    });
    return isThere;
}

std::vector<std::string> SqliteTokenStore::revoke(const std::vector<std::string>& ids, const std::string& because) {
    std::vector<std::string> revoked;
    write([&](SqliteTokenWriter& writer) {
        revoked.clear();
        for (const std::string& id : ids) addNew(revoked, writer.family(id));
        std::erase_if(revoked, [&](const std::string& id) {
            return !writer.retire(id, GoneToken::Why::removed, now(), because);
        });
    });
    return revoked;
}

bool SqliteTokenStore::withdraw(const std::string& id) {
    bool isThere = false;
    write([&](SqliteTokenWriter& writer) { isThere = writer.remove(id); });
    return isThere;
}

} // namespace gatehouse
