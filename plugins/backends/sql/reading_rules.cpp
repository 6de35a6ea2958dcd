#include "reading_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <sqlite3.h>

namespace gatehouse::sql {

namespace {

std::string_view viewOf(const char* text) { return text ? std::string_view(text) : std::string_view(); }

bool isSame(std::string_view text, std::string_view other) {
    return text.size() == other.size() &&
           sqlite3_strnicmp(text.data(), other.data(), static_cast<int>(text.size())) == 0;
}

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
    return std::any_of(list.begin(), list.end(), [&](std::string_view item) { return isSame(text, item); });
}

bool endsWithOneOf(std::string_view text, std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
        return text.size() > ending.size() && isSame(text.substr(text.size() - ending.size()), ending);
    });
}

// sqlite_stmt would show the statements of calls before.
bool mayRead(std::string_view table) { return !isSame(table, "sqlite_stmt"); }

// optimize() is FTS's, and writes.
bool mayCall(std::string_view function) {
    return !isOneOf(function, {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "optimize"});
}

bool mayUsePragma(std::string_view name, const char* argument) {
    if (isOneOf(name, {"data_version", "page_size"})) return !argument;
    return isOneOf(name, {"table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list"});
}

// What SQLite and R*Tree prepare when a virtual table is first used. It is never run: the file is open for reading.
bool belongsToVirtualTable(int action, std::string_view table) {
    if (action == SQLITE_UPDATE && isSame(table, "sqlite_master")) return true;
    return endsWithOneOf(table, {"_node", "_rowid", "_parent"});
}

} // namespace

void ReadingRules::applyTo(sqlite3* connection) { sqlite3_set_authorizer(connection, authorize, this); }

int ReadingRules::authorize(void* self, int action, const char* first, const char* second, const char*,
                            const char*) noexcept {
    return static_cast<ReadingRules*>(self)->allows(action, first, second) ? SQLITE_OK : SQLITE_DENY;
}

bool ReadingRules::isReading() const { return first_ == SQLITE_SELECT || first_ == SQLITE_PRAGMA; }

bool ReadingRules::allows(int action, const char* first, const char* second) {
    if (first_ == 0) first_ = action;
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_RECURSIVE: return true;
        case SQLITE_READ: return mayRead(viewOf(first));
        case SQLITE_FUNCTION: return mayCall(viewOf(second));
        case SQLITE_PRAGMA: return mayUsePragma(viewOf(first), second);
        case SQLITE_INSERT:
        case SQLITE_UPDATE:
        case SQLITE_DELETE: return isReading() && belongsToVirtualTable(action, viewOf(first));
        default: return false;
    }
}

} // namespace gatehouse::sql
