#include "json_merge.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>

#include <sqlite3.h>

namespace gatehouse::sql {

namespace {

constexpr double maxSteps = 1 << 26; // comparisons of a name, of some ns each
constexpr double bytesOfOneStep = 16;
constexpr unsigned jsonSubtype = 'J'; // how SQLite's functions know that a text is JSON

// SQLite's own json_patch, out of reach of statements.
class OwnJsonPatch {
public:
    ~OwnJsonPatch() {
        sqlite3_finalize(statement_);
        sqlite3_close(connection_);
    }
    // Null when there is no memory.
    sqlite3_stmt* statement() {
        if (statement_) return statement_;
        if (!connection_ &&
            sqlite3_open_v2(":memory:", &connection_, SQLITE_OPEN_READONLY | SQLITE_OPEN_MEMORY, nullptr) != SQLITE_OK)
            return nullptr;
        sqlite3_prepare_v2(connection_, "SELECT json_patch(?1, ?2)", -1, &statement_, nullptr);
        return statement_;
    }
    const char* fault() const { return sqlite3_errmsg(connection_); }

private:
    sqlite3* connection_ = nullptr;
    sqlite3_stmt* statement_ = nullptr;
};

struct JsonText {
    std::string_view text;
    double members = 0; // at most
};

JsonText jsonOf(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    if (!text) return {};
    const std::string_view view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
    const auto colons = std::count(view.begin(), view.end(), ':');
    const auto commas = std::count(view.begin(), view.end(), ',') + 1;
    return {view, static_cast<double>(std::min(colons, commas))};
}

bool isTooLong(const JsonText& target, const JsonText& patch) {
    const double names = target.members + patch.members;
    const double bytes = static_cast<double>(target.text.size() + patch.text.size());
    return patch.members * std::max(names, bytes / bytesOfOneStep) > maxSteps;
}

void jsonPatch(sqlite3_context* context, int, sqlite3_value** values) noexcept {
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL) return;
    if (isTooLong(jsonOf(values[0]), jsonOf(values[1])))
        return sqlite3_result_error(context, "json_patch: the objects have too many members", -1);
    auto& own = *static_cast<OwnJsonPatch*>(sqlite3_user_data(context));
    sqlite3_stmt* const statement = own.statement();
    if (!statement) return sqlite3_result_error_nomem(context);
    sqlite3_bind_value(statement, 1, values[0]);
    sqlite3_bind_value(statement, 2, values[1]);
    const int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        sqlite3_result_value(context, sqlite3_column_value(statement, 0));
        sqlite3_result_subtype(context, jsonSubtype);
    } else if (result == SQLITE_NOMEM) sqlite3_result_error_nomem(context);
    else sqlite3_result_error(context, own.fault(), -1);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

void forget(void* own) noexcept { delete static_cast<OwnJsonPatch*>(own); }

} // namespace

bool addBoundedJsonPatch(sqlite3* connection) {
    auto own = std::make_unique<OwnJsonPatch>();
    return sqlite3_create_function_v2(connection, "json_patch", 2,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS | SQLITE_SUBTYPE,
                                      own.release(), jsonPatch, nullptr, nullptr, forget) == SQLITE_OK;
}

} // namespace gatehouse::sql
