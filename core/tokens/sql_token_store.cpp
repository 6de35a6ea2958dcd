#include "tokens/sql_token_store.hpp"

#include <algorithm>
#include <thread>

#include "tokens/token_family.hpp"
#include "tokens/token_tables.hpp"

namespace gatehouse {

namespace {

void addNew(std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const std::string& text : more)
        if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

// Looked for again and again: what waits for a time on a mutex is not seen by ThreadSanitizer of GCC 12.
bool isHadSoon(std::unique_lock<std::mutex>& lock) {
    constexpr std::chrono::milliseconds pause{2};
    for (auto left = SqlTokenStore::shortWait; left.count() > 0; left -= pause) {
        if (lock.try_lock()) return true;
        std::this_thread::sleep_for(pause);
    }
    return lock.try_lock();
}

} // namespace

SqlTokenStore::SqlTokenStore(std::unique_ptr<const SqlSource> source, const SqlStoreDeps& deps)
    : source_(std::move(source)), deps_(deps) {}

SqlTokenStore::~SqlTokenStore() { watch_.reset(); }

WallTime SqlTokenStore::now() const { return std::chrono::floor<std::chrono::seconds>(deps_.clock.wall()); }

// --- connections

// One that is lost is opened again at its next use, but not at once when that has just failed.
void SqlTokenStore::read(Connection& connection, const Reading& work) const {
    std::unique_lock lock(connection.mutex, std::defer_lock);
    // Behind one that waits for a server that does not answer nobody waits long.
    if (isFresh()) lock.lock();
    else if (!isHadSoon(lock)) throw TokenStoreUnreachable(name() + ": does not answer");
    if (deps_.clock.steady() < connection.restsUntil) throw TokenStoreUnreachable(name() + ": cannot be reached");
    const bool isKept = connection.reader != nullptr;
    if (tried(connection, work, isKept)) return;
    tried(connection, work, false); // it was cut while it rested
}

// False: it was lost, which is no fault when it `mayBeCut`. Looking again changes nothing.
bool SqlTokenStore::tried(Connection& connection, const Reading& work, bool mayBeCut) const {
    try {
        if (!connection.reader) connection.reader = std::make_unique<SqlTokenReader>(source_->open(connection.mode));
        work(*connection.reader);
        return true;
    } catch (const std::exception&) {
        const bool isLost = !connection.reader || !connection.reader->database().isUsable();
        if (isLost) connection.reader.reset();
        if (isLost && mayBeCut) return false;
        if (isLost && source_->isRemote()) connection.restsUntil = deps_.clock.steady() + rest;
        throw;
    }
}

// A file is opened anew each time: it may have been replaced.
void SqlTokenStore::ask(const Reading& work) const {
    if (source_->isRemote()) return read(asking_, work);
    SqlTokenReader reader(source_->open(SqlSource::Mode::read));
    work(reader);
}

// --- the start

std::vector<std::string> SqlTokenStore::check() const {
    if (source_->isRemote() || !source_->exists()) return source_->warnings();
    checkTokenTables(*source_->open(SqlSource::Mode::read));
    return source_->warnings();
}

void SqlTokenStore::load(Access access) {
    if (access == Access::write)
        write([&](SqlTokenWriter& writer) {
            const std::size_t count = writer.retireExpired(now());
            if (count > 0) deps_.log.plain("Removed " + std::to_string(count) + " expired token(s)");
        });
    const std::lock_guard lock(looking_);
    loadedAt_ = access == Access::read ? deps_.clock.wall() : WallTime{};
    const SteadyTime asked = deps_.clock.steady();
    std::int64_t count = 0;
    read(judging_, [&](SqlTokenReader& reader) {
        checkTokenTables(reader.database());
        seen_ = reader.lastChange();
        nextBegin_ = reader.nextBegin(deps_.clock.wall());
        count = reader.count();
    });
    heard_ = asked;
    deps_.log.plain("Loaded " + std::to_string(count) + " API token(s) from " + name());
    for (const std::string& warning : source_->warnings()) deps_.log.warning(warning);
    isLoaded_ = true;
}

void SqlTokenStore::watch() {
    watch_ = source_->watch([this] { look(); });
    deps_.log.plain("Watching " + name() + " for changes");
}

void SqlTokenStore::lookNow() {
    if (watch_) watch_->lookNow();
}

void SqlTokenStore::look() {
    try {
        if (source_->isRemote()) beginNow();
        if (!takeOver()) return;
        deps_.log.plain("[AUTH] Reloaded " + name());
        deps_.telemetry.counted(Counter::tokenReloads);
    } catch (const std::exception& fault) {
        report(fault);
    }
}

// What was written since is in force, and told. True if there was any.
bool SqlTokenStore::takeOver() {
    const std::lock_guard lock(looking_);
    const SteadyTime asked = deps_.clock.steady();
    const std::int64_t before = seen_;
    TableChanges changes;
    read(judging_, [&](SqlTokenReader& reader) {
        changes = reader.changesSince(seen_);
        if (seen_ != before) nextBegin_ = reader.nextBegin(deps_.clock.wall());
    });
    if (!healthy_.exchange(true)) deps_.log.info("[AUTH] The token store can be read again");
    lastProblem_.clear();
    if (seen_ != before) tell(changes);
    heard_ = asked; // once it is in force
    return seen_ != before;
}

void SqlTokenStore::tell(const TableChanges& changes) {
    std::vector<std::string> ids = changes.ids;
    if (changes.all) ids = {""}; // everything
    recent_.renew(ids, changes.all, [this](const Sha256& digest) { return lookUpAgain(digest); });
    generations_.begin(ids);
    if (changed_) changed_(ids);
    if (!ids.empty() && changes.since != WallTime{}) deps_.telemetry.revoked(deps_.clock.wall() - changes.since);
}

void SqlTokenStore::report(const std::exception& fault) {
    const std::lock_guard lock(looking_);
    healthy_ = false;
    if (lastProblem_ == fault.what()) return; // told already
    lastProblem_ = fault.what();
    deps_.log.error("[AUTH] The token store cannot be read: " + lastProblem_);
    deps_.telemetry.counted(Counter::tokenReloadFailures);
}

// --- judging

bool SqlTokenStore::isFresh() const {
    return !source_->isRemote() || deps_.clock.steady() < heard_.load() + heartbeat + deps_.grace;
}

// With `read`, what had expired is there still, and counts as gone.
TokenMatchResult SqlTokenStore::match(const Sha256& digest) const {
    const TokenMatchResult found = lookUp(digest);
    const auto* token = std::get_if<TokenMatch>(&found);
    if (token && isExpired(token->entry->record, loadedAt_)) return TokenUnknown{};
    if (token && source_->isRemote()) recent_.keep(digest, *token);
    return found;
}

std::optional<TokenMatch> SqlTokenStore::recentMatch(const Sha256& digest) const {
    return source_->isRemote() ? recent_.find(digest, deps_.clock.wall()) : TokenStore::recentMatch(digest);
}

TokenMatchResult SqlTokenStore::lookUp(const Sha256& digest) const {
    if (!isLoaded_) return TokenStoreDown{};
    try {
        TokenMatchResult out = TokenUnknown{};
        read(judging_, [&](SqlTokenReader& reader) {
            if (auto entry = reader.byText(digest))
                out = matchOf(
                    std::move(entry), digest, [&](const std::string& id) { return reader.byId(id); },
                    deps_.clock.wall());
        });
        return out;
    } catch (const std::exception& fault) {
        deps_.log.error("[AUTH] The token store cannot be read: " + std::string(fault.what()));
        return TokenStoreDown{};
    }
}

std::optional<TokenMatch> SqlTokenStore::lookUpAgain(const Sha256& digest) const {
    TokenMatchResult found = lookUp(digest);
    auto* token = std::get_if<TokenMatch>(&found);
    return token ? std::optional(std::move(*token)) : std::nullopt;
}

std::optional<GoneToken> SqlTokenStore::findGone(const Sha256& digest) const {
    const TokenMatchResult found = lookUp(digest);
    if (!std::holds_alternative<TokenUnknown>(found)) return heldAs(found);
    try {
        std::optional<GoneToken> out;
        read(judging_, [&](SqlTokenReader& reader) { out = reader.gone(digest); });
        return out;
    } catch (const std::exception&) { // it decides nothing
        return std::nullopt;
    }
}

// Of a remote source where its changes are looked for.
void SqlTokenStore::beginDue() {
    if (nextBegin_.load() > deps_.clock.wall()) return;
    if (source_->isRemote()) lookNow();
    else beginNow();
}

// Refusals of a token that was not yet valid are kept no longer.
void SqlTokenStore::beginNow() {
    if (nextBegin_.load() > deps_.clock.wall()) return;
    nextBegin_ = never;
    read(judging_, [&](SqlTokenReader& reader) { nextBegin_ = reader.nextBegin(deps_.clock.wall()); });
    generations_.begin({});
    if (changed_) changed_({});
}

// --- keeping

// In force when it returns, where the tokens are loaded.
void SqlTokenStore::write(const std::function<void(SqlTokenWriter&)>& work) {
    {
        const std::lock_guard lock(writing_);
        if (writer_ && !writer_->database().isAlive()) writer_.reset();
        if (!writer_) writer_ = std::make_unique<SqlTokenWriter>(source_->open(SqlSource::Mode::create), deps_.clock);
        writer_->database().transaction([&] { work(*writer_); });
    }
    if (isLoaded_) takeOver();
}

bool SqlTokenStore::isEmpty() const {
    std::int64_t count = 0;
    ask([&](SqlTokenReader& reader) { count = reader.count(); });
    return count == 0;
}

// In pieces, each asked for by itself: nothing is held for long, and what is asked again is not seen twice.
template <class Row>
void SqlTokenStore::eachRow(const std::string& query, const std::string& owner, RowFrom<Row> from,
                            const std::function<void(Row&)>& visit) const {
    const std::string sql = query + "number>?1 ORDER BY number LIMIT ?2";
    std::vector<Row> rows;
    for (std::int64_t after = 0, last = 0; after == 0 || rows.size() == piece; after = last) {
        ask([&](SqlTokenReader& reader) {
            rows.clear();
            SqlStatement some(reader.database(), sql.c_str());
            some.number(1, after).number(2, static_cast<std::int64_t>(piece));
            if (!owner.empty()) some.text(3, owner);
            while (some.next()) {
                rows.push_back(from(std::string(some.text(0)), some.blob(1), some.text(2), name()));
                last = some.number(3);
            }
        });
        if (rows.empty()) return;
        for (Row& row : rows) visit(row);
    }
}

std::vector<TokenEntry> SqlTokenStore::list() const {
    return listBy("SELECT id, sha256, document FROM tokens ORDER BY number");
}

void SqlTokenStore::visit(const std::string& owner, const Visit& visit) const {
    const std::string theirs = owner.empty() ? "" : "owner=?3 AND ";
    eachRow<TokenEntry>("SELECT id, sha256, document, number FROM tokens WHERE " + theirs, owner, entryFrom, visit);
}

std::vector<TokenEntry> SqlTokenStore::listWatched() const {
    return listBy("SELECT id, sha256, document FROM tokens WHERE watched=1 ORDER BY number");
}

std::vector<TokenEntry> SqlTokenStore::listEnding(WallTime by) const {
    std::vector<TokenEntry> out;
    ask([&](SqlTokenReader& reader) {
        SqlStatement some(reader.database(),
                          "SELECT id, sha256, document FROM tokens WHERE expires_at<=?1 ORDER BY expires_at");
        for (some.number(1, secondsOf(by)); some.next();)
            out.push_back(entryFrom(std::string(some.text(0)), some.blob(1), some.text(2), name()));
    });
    return out;
}

TokensTouched SqlTokenStore::touchedSince(const std::string& mark) const {
    TokensTouched out;
    ask([&](SqlTokenReader& reader) { out = reader.touchedSince(mark); });
    return out;
}

std::vector<TokenEntry> SqlTokenStore::listBy(const char* query) const {
    std::vector<TokenEntry> out;
    ask([&](SqlTokenReader& reader) {
        SqlStatement all(reader.database(), query);
        while (all.next()) out.push_back(entryFrom(std::string(all.text(0)), all.blob(1), all.text(2), name()));
    });
    return out;
}

std::optional<TokenEntry> SqlTokenStore::get(const std::string& id) const {
    std::shared_ptr<const TokenEntry> entry;
    ask([&](SqlTokenReader& reader) { entry = reader.byId(id); });
    return entry ? std::optional(*entry) : std::nullopt;
}

std::optional<TokenEntry> SqlTokenStore::getByRequest(const std::string& key) const {
    std::shared_ptr<const TokenEntry> entry;
    ask([&](SqlTokenReader& reader) { entry = reader.byRequest(key); });
    return entry ? std::optional(*entry) : std::nullopt;
}

std::vector<GoneToken> SqlTokenStore::listGone() const {
    std::vector<GoneToken> out;
    ask([&](SqlTokenReader& reader) {
        SqlStatement all(reader.database(), "SELECT id, sha256, document FROM gone ORDER BY number");
        while (all.next()) out.push_back(goneFrom(std::string(all.text(0)), all.blob(1), all.text(2), name()));
    });
    return out;
}

void SqlTokenStore::visitGone(const VisitGone& visit) const {
    eachRow<GoneToken>("SELECT id, sha256, document, number FROM gone WHERE ", "", goneFrom, visit);
}

std::optional<GoneToken> SqlTokenStore::getGone(const std::string& id) const {
    std::optional<GoneToken> out;
    ask([&](SqlTokenReader& reader) {
        SqlStatement some(reader.database(), "SELECT id, sha256, document FROM gone WHERE id=?1 ORDER BY number DESC");
        for (some.text(1, id); (!out || out->why == GoneToken::Why::replaced) && some.next();)
            out = goneFrom(std::string(some.text(0)), some.blob(1), some.text(2), name());
    });
    return out && out->why != GoneToken::Why::replaced ? out : std::nullopt;
}

void SqlTokenStore::add(const TokenEntry& entry) {
    write([&](SqlTokenWriter& writer) { writer.add(entry); });
}

bool SqlTokenStore::change(const std::string& id, const Change& change) {
    bool isThere = false;
    write([&](SqlTokenWriter& writer) {
        const auto before = writer.reader().byId(id);
        isThere = before != nullptr;
        if (isThere) writer.replace(*before, change, now());
    });
    return isThere;
}

bool SqlTokenStore::revive(const std::string& id, const Change& change) {
    bool isThere = false;
    write([&](SqlTokenWriter& writer) {
        const auto gone = writer.lastGone(id);
        isThere = gone && gone->why == GoneToken::Why::expired && !writer.reader().byId(id);
        if (isThere) writer.revive(*gone, change);
    });
    return isThere;
}

std::vector<std::string> SqlTokenStore::revoke(const std::vector<std::string>& ids, const std::string& because) {
    std::vector<std::string> revoked;
    write([&](SqlTokenWriter& writer) {
        revoked.clear();
        for (const std::string& id : ids) addNew(revoked, writer.family(id));
        std::erase_if(revoked, [&](const std::string& id) {
            return !writer.retire(id, GoneToken::Why::removed, now(), because);
        });
    });
    return revoked;
}

bool SqlTokenStore::withdraw(const std::string& id) {
    bool isThere = false;
    write([&](SqlTokenWriter& writer) { isThere = writer.remove(id); });
    return isThere;
}

} // namespace gatehouse
