#include "tokens/sqlite_token_reader.hpp"

#include "tokens/sqlite_tables.hpp"

namespace gatehouse {

namespace {

// A statement is ready for its next use, whatever happens.
struct Reset {
    SqliteStatement& statement;
    ~Reset() { statement.reset(); }
};

std::int64_t numberOf(SqliteStatement& statement) {
    const Reset after{statement};
    statement.next();
    return statement.number(0);
}

} // namespace

SqliteTokenReader::SqliteTokenReader(const std::string& file, SqliteDatabase::Mode mode)
    : database_(file, mode), byText_(database_,
                                     "SELECT id, sha256, document FROM tokens WHERE sha256=?1 UNION ALL "
                                     "SELECT id, sha256, document FROM tokens WHERE previous=?1"),
      byId_(database_, "SELECT id, sha256, document FROM tokens WHERE id=?1"),
      byRequest_(database_, "SELECT id, sha256, document FROM tokens WHERE request=?1"),
      gone_(database_, "SELECT id, sha256, document FROM gone WHERE sha256=?1"),
      changes_(database_, "SELECT number, id FROM changes WHERE number>?1 ORDER BY number"),
      firstChange_(database_, "SELECT coalesce(min(number), 0) FROM changes"),
      lastChange_(database_, "SELECT coalesce(max(number), 0) FROM changes"),
      nextBegin_(database_, "SELECT coalesce(min(not_before), 0) FROM tokens WHERE not_before>?1"),
      count_(database_, "SELECT count(*) FROM tokens") {}

std::shared_ptr<const TokenEntry> SqliteTokenReader::oneOf(SqliteStatement& statement) const {
    const Reset after{statement};
    if (!statement.next()) return nullptr;
    return std::make_shared<const TokenEntry>(
        entryFrom(std::string(statement.text(0)), statement.blob(1), statement.text(2), database_.file()));
}

std::shared_ptr<const TokenEntry> SqliteTokenReader::byText(const Sha256& digest) {
    return oneOf(byText_.blob(1, bytesOf(digest)));
}

std::shared_ptr<const TokenEntry> SqliteTokenReader::byId(const std::string& id) { return oneOf(byId_.text(1, id)); }

std::shared_ptr<const TokenEntry> SqliteTokenReader::byRequest(const std::string& key) {
    return oneOf(byRequest_.text(1, key));
}

std::optional<GoneToken> SqliteTokenReader::gone(const Sha256& digest) {
    const Reset after{gone_};
    if (!gone_.blob(1, bytesOf(digest)).next()) return std::nullopt;
    return goneFrom(std::string(gone_.text(0)), gone_.blob(1), gone_.text(2), database_.file());
}

std::int64_t SqliteTokenReader::count() { return numberOf(count_); }

std::int64_t SqliteTokenReader::lastChange() { return numberOf(lastChange_); }

std::optional<std::vector<std::string>> SqliteTokenReader::changesSince(std::int64_t& number) {
    const std::int64_t first = numberOf(firstChange_);
    const bool isKnown = first <= number + 1;
    std::vector<std::string> ids;
    const Reset after{changes_};
    for (changes_.number(1, number); changes_.next(); number = changes_.number(0))
        if (const auto id = changes_.text(1); !id.empty()) ids.emplace_back(id);
    return isKnown ? std::optional(ids) : std::nullopt;
}

WallTime SqliteTokenReader::nextBegin(WallTime now) {
    const std::int64_t next = numberOf(nextBegin_.number(1, secondsOf(now)));
    return next == 0 ? never : WallTime(std::chrono::seconds(next));
}

} // namespace gatehouse
