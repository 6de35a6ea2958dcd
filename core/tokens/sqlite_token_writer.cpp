#include "tokens/sqlite_token_writer.hpp"

#include <algorithm>

#include "tokens/gone_tokens.hpp"
#include "tokens/sqlite_tables.hpp"
#include "tokens/token_family.hpp"
#include "tokens/token_fields.hpp"

namespace gatehouse {

namespace {

// The tables first: a reader's statements want them.
std::string withTables(const std::string& file) {
    SqliteDatabase database(file, SqliteDatabase::Mode::create);
    migrateTokenTables(database);
    return file;
}

} // namespace

SqliteTokenWriter::SqliteTokenWriter(const std::string& file)
    : reader_(withTables(file), SqliteDatabase::Mode::write) {}

void SqliteTokenWriter::mustBeNew(const Sha256& digest, const std::string& id) {
    const auto other = reader_.byText(digest);
    if (other && other->record.id != id)
        throw TokenStoreError(database().file() + ": the same token is there as " + other->record.id);
}

void SqliteTokenWriter::put(const TokenEntry& entry) {
    const std::string document = documentOf(entry);
    SqliteStatement put(database(),
                        "INSERT INTO tokens (id, sha256, previous, parent, owner, not_before, expires_at, document, "
                        "request, watched) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE "
                        "SET sha256=?2, previous=?3, "
                        "parent=?4, owner=?5, not_before=?6, expires_at=?7, document=?8, request=?9, watched=?10");
    put.text(1, entry.record.id).blob(2, bytesOf(entry.digest)).text(8, document);
    if (entry.previous) put.blob(3, bytesOf(entry.previous->digest));
    if (isWatched(entry)) put.number(10, 1);
    if (entry.request) put.text(9, entry.request->key);
    if (!entry.parent.empty()) put.text(4, entry.parent);
    if (!entry.owner.empty()) put.text(5, entry.owner);
    if (entry.notBefore != WallTime{}) put.number(6, secondsOf(entry.notBefore));
    if (entry.record.expiresAt != never) put.number(7, secondsOf(entry.record.expiresAt));
    put.run();
}

void SqliteTokenWriter::add(const TokenEntry& entry) {
    const std::string& id = entry.record.id;
    if (reader_.byId(id)) throw TokenStoreError(database().file() + ": " + id + " exists already");
    mustBeNew(entry.digest, "");
    put(entry);
    note("");
}

void SqliteTokenWriter::replace(const TokenEntry& before, const TokenStore::Change& change, WallTime now) {
    TokenEntry after = before;
    change(after);
    const std::string& id = before.record.id;
    if (after.record.id != id) throw std::logic_error("the id of a token does not change");
    mustBeNew(after.digest, id);
    for (const GoneToken& gone : replacedTexts(before, after, now)) remember(gone);
    put(after);
    if (meansSame(before, after)) note("");
    else noteGone(id);
}

void SqliteTokenWriter::revive(const GoneToken& gone, const TokenStore::Change& change) {
    TokenEntry entry = gatehouse::entryFrom(gone);
    change(entry);
    add(entry);
}

std::optional<GoneToken> SqliteTokenWriter::lastGone(const std::string& id) {
    SqliteStatement found(database(), "SELECT sha256, document FROM gone WHERE id=?1 ORDER BY number DESC");
    for (found.text(1, id); found.next();) {
        GoneToken gone = goneFrom(id, found.blob(0), found.text(1), database().file());
        if (gone.why != GoneToken::Why::replaced) return gone;
    }
    return std::nullopt;
}

std::vector<std::string> SqliteTokenWriter::family(const std::string& id) {
    SqliteStatement children(database(), "SELECT id FROM tokens WHERE parent=?1");
    std::vector<std::string> out{id};
    for (std::size_t i = 0; i < out.size(); ++i) { // grows
        const std::string parent = out[i];
        for (children.text(1, parent); children.next();) {
            std::string child(children.text(0));
            if (std::find(out.begin(), out.end(), child) == out.end()) out.push_back(std::move(child));
        }
        children.reset();
    }
    return out;
}

bool SqliteTokenWriter::retire(const std::string& id, GoneToken::Why why, WallTime now, const std::string& because) {
    const auto entry = reader_.byId(id);
    if (!entry) return false;
    remember(gatehouse::goneFrom(*entry, why, now, because));
    return remove(id);
}

bool SqliteTokenWriter::remove(const std::string& id) {
    if (!reader_.byId(id)) return false;
    noteGone(id);
    SqliteStatement(database(), "DELETE FROM tokens WHERE id=?1").text(1, id).run();
    return true;
}

std::size_t SqliteTokenWriter::retireExpired(WallTime now) {
    std::vector<std::string> ids;
    SqliteStatement expired(database(), "SELECT id FROM tokens WHERE expires_at<=?1");
    for (expired.number(1, secondsOf(now)); expired.next();) ids.emplace_back(expired.text(0));
    expired.reset();
    for (const std::string& id : ids) retire(id, GoneToken::Why::expired, now, "");
    SqliteStatement(database(), "DELETE FROM gone WHERE gone_at<=?1").number(1, secondsOf(now - goneTokensKept)).run();
    return ids.size();
}

void SqliteTokenWriter::remember(const GoneToken& gone) {
    const std::string document = documentOf(gone);
    SqliteStatement(database(), "INSERT OR REPLACE INTO gone (sha256, id, gone_at, document) VALUES (?1, ?2, ?3, ?4)")
        .blob(1, bytesOf(gone.digest))
        .text(2, gone.id)
        .number(3, secondsOf(gone.goneAt))
        .text(4, document)
        .run();
}

// With what is derived from it.
void SqliteTokenWriter::noteGone(const std::string& id) {
    for (const std::string& one : family(id)) note(one);
}

void SqliteTokenWriter::note(const std::string& id) {
    SqliteStatement put(database(), "INSERT INTO changes (id) VALUES (?1)");
    if (!id.empty()) put.text(1, id);
    put.run();
    SqliteStatement(database(), "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?1")
        .number(1, keptChanges)
        .run();
}

} // namespace gatehouse
