#include "sqlite_connection.hpp"

#include <algorithm>
#include <array>

#include <sqlite3.h>
#include <gatehouse/json_text.hpp>

namespace gatehouse::sql {

namespace {

constexpr int stepsBetweenLooks = 1000; // of SQLite's virtual machine
constexpr int maxValueBytes = 16 << 20;
constexpr int maxSqlBytes = 1 << 20;

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
    return std::any_of(list.begin(), list.end(), [&](std::string_view item) {
        return sqlite3_strnicmp(text.data(), item.data(), static_cast<int>(std::max(text.size(), item.size()))) == 0;
    });
}

// The one place that says what a statement may do.
int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_READ:
        case SQLITE_RECURSIVE: return SQLITE_OK;
        case SQLITE_FUNCTION:
            return second && isOneOf(second, {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
                       ? SQLITE_DENY
                       : SQLITE_OK;
        case SQLITE_PRAGMA:
            return first && isOneOf(first, {"table_info", "table_xinfo", "table_list", "index_list", "index_info",
                                            "foreign_key_list"})
                       ? SQLITE_OK
                       : SQLITE_DENY;
        default: return SQLITE_DENY;
    }
}

void appendHex(std::string& out, const unsigned char* bytes, int size) {
    static constexpr char digits[] = "0123456789abcdef";
    for (int i = 0; i < size; ++i) {
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
}

// The first use of a pragma as a table declares it, which SQLite asks the authorizer about as a write: done before.
void declarePragmaTables(sqlite3* connection) {
    sqlite3_exec(
        connection,
        "SELECT 1 FROM pragma_table_info(''), pragma_table_xinfo(''), pragma_table_list, pragma_index_list(''), "
        "pragma_index_info(''), pragma_foreign_key_list('') LIMIT 0",
        nullptr, nullptr, nullptr);
}

void harden(sqlite3* connection) {
    declarePragmaTables(connection);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, maxValueBytes);
    sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, maxSqlBytes);
    sqlite3_limit(connection, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_set_authorizer(connection, authorize, nullptr);
}

} // namespace

int Row::columns() const { return sqlite3_column_count(statement_); }
std::string Row::columnName(int column) const { return sqlite3_column_name(statement_, column); }
bool Row::isNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::text(int column) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_BLOB) {
        std::string out = "0x";
        appendHex(out, static_cast<const unsigned char*>(sqlite3_column_blob(statement_, column)),
                  sqlite3_column_bytes(statement_, column));
        return out;
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
}

void Row::appendJson(std::string& out, int column) const {
    switch (sqlite3_column_type(statement_, column)) {
        case SQLITE_NULL: out += "null"; return;
        case SQLITE_INTEGER: out += std::to_string(integer(column)); return;
        case SQLITE_FLOAT: {
            const std::string number = text(column); // SQLite prints 15 digits, and Inf for what JSON has no word for
            const bool plain = number.find_first_not_of("0123456789.+-e") == std::string::npos;
            out += plain ? number : "null";
            return;
        }
        default: appendJsonString(out, text(column));
    }
}

struct SqliteConnection::Statement {
    sqlite3_stmt* handle = nullptr;
    ~Statement() { sqlite3_finalize(handle); }
};

SqliteConnection::SqliteConnection(const std::string& file, std::chrono::milliseconds statementTime)
    : statementTime_(statementTime) {
    const int result =
        sqlite3_open_v2(file.c_str(), &connection_, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
    if (result != SQLITE_OK) {
        const std::string why = connection_ ? sqlite3_errmsg(connection_) : "out of memory";
        sqlite3_close_v2(connection_);
        throw SqlError("the database cannot be opened: " + why);
    }
    harden(connection_);
    sqlite3_busy_timeout(connection_, static_cast<int>(std::min<std::int64_t>(statementTime.count(), 5000)));
    sqlite3_progress_handler(connection_, stepsBetweenLooks, keepGoing, this);
}

SqliteConnection::~SqliteConnection() { sqlite3_close_v2(connection_); }

int SqliteConnection::keepGoing(void* self) {
    auto& connection = *static_cast<SqliteConnection*>(self);
    connection.timedOut_ = std::chrono::steady_clock::now() >= connection.deadline_;
    return connection.timedOut_ || connection.interrupted_ ? 1 : 0;
}

std::string SqliteConnection::why() const {
    if (interrupted_) return "the statement was cancelled";
    if (timedOut_)
        return "the statement took longer than " + std::to_string(statementTime_.count()) + " ms and was ended";
    if (sqlite3_errcode(connection_) == SQLITE_AUTH)
        return std::string("only reading is allowed: ") + sqlite3_errmsg(connection_);
    return sqlite3_errmsg(connection_);
}

std::unique_ptr<SqliteConnection::Statement> SqliteConnection::prepare(std::string_view sql) const {
    if (sql.find('\0') != std::string_view::npos) throw SqlError("the statement has a NUL character");
    auto statement = std::make_unique<Statement>();
    const char* rest = nullptr;
    const std::string text(sql);
    if (sqlite3_prepare_v2(connection_, text.c_str(), static_cast<int>(text.size() + 1), &statement->handle, &rest) !=
        SQLITE_OK)
        throw SqlError(why());
    if (!statement->handle) throw SqlError("there is no statement in the query");
    Statement next;
    if (sqlite3_prepare_v2(connection_, rest, -1, &next.handle, nullptr) != SQLITE_OK || next.handle)
        throw SqlError("one statement per call");
    if (sqlite3_stmt_readonly(statement->handle) == 0) throw SqlError("only reading is allowed");
    return statement;
}

void SqliteConnection::query(std::string_view sql, const std::vector<std::string>& parameters,
                             const std::function<void(const std::vector<std::string>&)>& columns,
                             const std::function<bool(const Row&)>& row) {
    deadline_ = std::chrono::steady_clock::now() + statementTime_;
    timedOut_ = false;
    const auto statement = prepare(sql);
    for (std::size_t i = 0; i < parameters.size(); ++i)
        sqlite3_bind_text(statement->handle, static_cast<int>(i + 1), parameters[i].c_str(),
                          static_cast<int>(parameters[i].size()), SQLITE_TRANSIENT);
    const Row current(statement->handle);
    std::vector<std::string> names;
    for (int i = 0; i < current.columns(); ++i) names.push_back(current.columnName(i));
    columns(names);
    while (true) {
        const int result = sqlite3_step(statement->handle);
        if (result == SQLITE_DONE) return;
        if (result != SQLITE_ROW) throw SqlError(why());
        if (!row(current)) return;
    }
}

} // namespace gatehouse::sql
