#include "tokens/sql_token_reader.hpp"

#include <charconv>

#include "tokens/token_tables.hpp"

namespace gatehouse {

namespace {

// A statement is ready for its next use, whatever happens.
struct Reset {
    SqlStatement& statement;
    ~Reset() { statement.reset(); }
};

std::int64_t numberOf(SqlStatement& statement) {
    const Reset after{statement};
    statement.next();
    return statement.number(0);
}

} // namespace

SqlTokenReader::SqlTokenReader(std::unique_ptr<SqlDatabase> database)
    : database_(std::move(database)), byText_(*database_,
                                              "SELECT id, sha256, document FROM tokens WHERE sha256=?1 UNION ALL "
                                              "SELECT id, sha256, document FROM tokens WHERE previous=?1"),
      byId_(*database_, "SELECT id, sha256, document FROM tokens WHERE id=?1"),
      byRequest_(*database_, "SELECT id, sha256, document FROM tokens WHERE request=?1"),
      gone_(*database_, "SELECT id, sha256, document FROM gone WHERE sha256=?1"),
      changes_(*database_, "SELECT number, id, at_ms FROM changes WHERE number>?1 ORDER BY number"),
      firstChange_(*database_, "SELECT coalesce(min(number), 0) FROM changes"),
      lastChange_(*database_, "SELECT coalesce(max(number), 0) FROM changes"),
      nextBegin_(*database_, "SELECT coalesce(min(not_before), 0) FROM tokens WHERE not_before>?1"),
      count_(*database_, "SELECT count(*) FROM tokens") {}

std::shared_ptr<const TokenEntry> SqlTokenReader::oneOf(SqlStatement& statement) const {
    const Reset after{statement};
    if (!statement.next()) return nullptr;
    return std::make_shared<const TokenEntry>(
        entryFrom(std::string(statement.text(0)), statement.blob(1), statement.text(2), database_->name()));
}

std::shared_ptr<const TokenEntry> SqlTokenReader::byText(const Sha256& digest) {
    return oneOf(byText_.blob(1, bytesOf(digest)));
}

std::shared_ptr<const TokenEntry> SqlTokenReader::byId(const std::string& id) { return oneOf(byId_.text(1, id)); }

std::shared_ptr<const TokenEntry> SqlTokenReader::byRequest(const std::string& key) {
    return oneOf(byRequest_.text(1, key));
}

std::optional<GoneToken> SqlTokenReader::gone(const Sha256& digest) {
    const Reset after{gone_};
    if (!gone_.blob(1, bytesOf(digest)).next()) return std::nullopt;
    return goneFrom(std::string(gone_.text(0)), gone_.blob(1), gone_.text(2), database_->name());
}

std::int64_t SqlTokenReader::count() { return numberOf(count_); }

std::int64_t SqlTokenReader::lastChange() { return numberOf(lastChange_); }

TableChanges SqlTokenReader::changesSince(std::int64_t& number) {
    TableChanges out;
    const std::int64_t before = number;
    const Reset after{changes_};
    for (changes_.number(1, number); changes_.next(); number = changes_.number(0)) {
        if (const auto id = changes_.text(1); !id.empty()) out.ids.emplace_back(id);
        if (out.since == WallTime{}) out.since = WallTime(std::chrono::milliseconds(changes_.number(2)));
    }
    out.all = number != before && numberOf(firstChange_) > before + 1;
    return out;
}

TokensTouched SqlTokenReader::touchedSince(const std::string& mark) {
    std::int64_t since = -1;
    std::from_chars(mark.data(), mark.data() + mark.size(), since);
    TokensTouched out{.all = since < 0 || numberOf(firstChange_) > since + 1, .mark = std::to_string(lastChange())};
    if (out.all) return out;
    SqlStatement rows(*database_, "SELECT DISTINCT token FROM changes WHERE number>?1");
    for (rows.number(1, since); rows.next();) {
        if (rows.text(0).empty()) out.all = true; // of an earlier version
        else out.ids.emplace_back(rows.text(0));
    }
    if (out.all) out.ids.clear();
    return out;
}

WallTime SqlTokenReader::nextBegin(WallTime now) {
    const std::int64_t next = numberOf(nextBegin_.number(1, secondsOf(now)));
    return next == 0 ? never : WallTime(std::chrono::seconds(next));
}

} // namespace gatehouse
