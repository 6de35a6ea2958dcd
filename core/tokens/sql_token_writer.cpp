#include "tokens/sql_token_writer.hpp"

#include <algorithm>

#include "tokens/gone_tokens.hpp"
#include "tokens/token_family.hpp"
#include "tokens/token_fields.hpp"
#include "tokens/token_tables.hpp"

namespace gatehouse {

namespace {

// The tables first: a reader's statements want them.
std::unique_ptr<SqlDatabase> withTables(std::unique_ptr<SqlDatabase> database) {
    migrateTokenTables(*database);
    return database;
}

} // namespace

SqlTokenWriter::SqlTokenWriter(std::unique_ptr<SqlDatabase> database, const Clock& clock)
    : reader_(withTables(std::move(database))), clock_(clock) {}

void SqlTokenWriter::mustBeNew(const Sha256& digest, const std::string& id) {
    const auto other = reader_.byText(digest);
    if (other && other->record.id != id)
        throw TokenStoreError(database().name() + ": the same token is there as " + other->record.id);
}

// One token that cannot be read would keep all others from being listed.
std::string SqlTokenWriter::readableDocumentOf(const TokenEntry& entry) {
    std::string document = documentOf(entry);
    const TokenEntry read = entryFrom(entry.record.id, bytesOf(entry.digest), document, database().name());
    if (documentOf(read) != document)
        throw TokenStoreError(database().name() + ": " + entry.record.id + " cannot be written as it is");
    return document;
}

void SqlTokenWriter::put(const TokenEntry& entry) {
    const std::string document = readableDocumentOf(entry);
    SqlStatement put(database(),
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

void SqlTokenWriter::add(const TokenEntry& entry) {
    const std::string& id = entry.record.id;
    if (reader_.byId(id)) throw TokenStoreError(database().name() + ": " + id + " exists already");
    mustBeNew(entry.digest, "");
    put(entry);
    note(id, false);
}

void SqlTokenWriter::replace(const TokenEntry& before, const TokenStore::Change& change, WallTime now) {
    TokenEntry after = before;
    change(after);
    const std::string& id = before.record.id;
    if (after.record.id != id) throw std::logic_error("the id of a token does not change");
    mustBeNew(after.digest, id);
    for (const GoneToken& gone : replacedTexts(before, after, now)) remember(gone);
    put(after);
    if (meansSame(before, after)) note(id, false);
    else noteGone(id);
}

void SqlTokenWriter::revive(const GoneToken& gone, const TokenStore::Change& change) {
    TokenEntry entry = gatehouse::entryFrom(gone);
    change(entry);
    add(entry);
}

std::optional<GoneToken> SqlTokenWriter::lastGone(const std::string& id) {
    SqlStatement found(database(), "SELECT sha256, document FROM gone WHERE id=?1 ORDER BY number DESC");
    for (found.text(1, id); found.next();) {
        GoneToken gone = goneFrom(id, found.blob(0), found.text(1), database().name());
        if (gone.why != GoneToken::Why::replaced) return gone;
    }
    return std::nullopt;
}

std::vector<std::string> SqlTokenWriter::family(const std::string& id) {
    SqlStatement children(database(), "SELECT id FROM tokens WHERE parent=?1");
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

bool SqlTokenWriter::retire(const std::string& id, GoneToken::Why why, WallTime now, const std::string& because) {
    const auto entry = reader_.byId(id);
    if (!entry) return false;
    remember(gatehouse::goneFrom(*entry, why, now, because));
    return remove(id);
}

bool SqlTokenWriter::remove(const std::string& id) {
    if (!reader_.byId(id)) return false;
    noteGone(id);
    SqlStatement(database(), "DELETE FROM tokens WHERE id=?1").text(1, id).run();
    return true;
}

std::size_t SqlTokenWriter::retireExpired(WallTime now) {
    std::vector<std::string> ids;
    SqlStatement expired(database(), "SELECT id FROM tokens WHERE expires_at<=?1");
    for (expired.number(1, secondsOf(now)); expired.next();) ids.emplace_back(expired.text(0));
    expired.reset();
    for (const std::string& id : ids) retire(id, GoneToken::Why::expired, now, "");
    SqlStatement(database(), "DELETE FROM gone WHERE gone_at<=?1").number(1, secondsOf(now - goneTokensKept)).run();
    return ids.size();
}

// The latest last, also of one that was remembered before. Of a token that is still there.
void SqlTokenWriter::remember(const GoneToken& gone) {
    const std::string document = documentOf(gone);
    SqlStatement(database(), "DELETE FROM gone WHERE sha256=?1").blob(1, bytesOf(gone.digest)).run();
    SqlStatement(database(),
                 "INSERT INTO gone (sha256, id, gone_at, document, owner) VALUES (?1, ?2, ?3, ?4, (SELECT owner FROM "
                 "tokens WHERE id=?2))")
        .blob(1, bytesOf(gone.digest))
        .text(2, gone.id)
        .number(3, secondsOf(gone.goneAt))
        .text(4, document)
        .run();
    forgetBeyondTheMost(gone.id);
}

// Of the owner of that token.
void SqlTokenWriter::forgetBeyondTheMost(const std::string& id) {
    SqlStatement(database(),
                 "DELETE FROM gone WHERE owner=(SELECT owner FROM tokens WHERE id=?1) AND number<=(SELECT number FROM "
                 "gone WHERE owner=(SELECT owner FROM tokens WHERE id=?1) ORDER BY number DESC LIMIT 1 OFFSET ?2)")
        .text(1, id)
        .number(2, static_cast<std::int64_t>(maxGoneTokens))
        .run();
}

// With what is derived from it.
void SqlTokenWriter::noteGone(const std::string& id) {
    for (const std::string& one : family(id)) note(one, true);
}

void SqlTokenWriter::note(const std::string& id, bool isGone) {
    const auto at = std::chrono::floor<std::chrono::milliseconds>(clock_.wall().time_since_epoch());
    SqlStatement put(database(), "INSERT INTO changes (id, at_ms, token) VALUES (?1, ?2, ?3)");
    if (isGone) put.text(1, id);
    put.number(2, at.count()).text(3, id).run();
    SqlStatement(database(), "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?1")
        .number(1, keptChanges)
        .run();
    database().tellChange();
}

} // namespace gatehouse
