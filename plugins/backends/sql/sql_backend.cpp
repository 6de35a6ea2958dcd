// sql: read-only questions to a database. SQLite.
//
// Each call's client borrows a connection of its identity to the database that the caller's token is bound to, or to
// the first one.
#include <algorithm>
#include <optional>

#include <unistd.h>

#include <gatehouse/json_members.hpp>
#include <gatehouse/plugin.hpp>

#include "connection_pool.hpp"
#include "table_answer.hpp"
#include "table_name.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::sql;

constexpr std::int64_t fallbackMemory = 512 << 20; // bytes, of all that SQLite has in the process
constexpr std::size_t maxToldBytes = 200;          // of a name that a token brings

struct Database {
    std::string name;
    std::string file;
};

struct Limits {
    AnswerLimits answer;
    StatementLimits statement;
    PoolLimits pool;
};

// A `file:` URI is SQLite's to understand.
bool isThere(const std::string& file) {
    return file == ":memory:" || file.rfind("file:", 0) == 0 || ::access(file.c_str(), R_OK) == 0;
}

class ArgumentError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The host has held the arguments against the tool's schema.
std::string textArgument(const CallRequest& request, const char* name) {
    auto text = jsonTextMember(request.argumentsJson, name);
    if (!text) throw ArgumentError(std::string(name) + ": expected a string");
    return *std::move(text);
}

class SqlClient final : public Client {
public:
    SqlClient(ConnectionPool::Loan connection, const Limits& limits)
        : limits_(limits), connection_(std::move(connection)) {}

    CallOutcome call(const CallRequest& request, CallContext&) override {
        try {
            if (request.name == "query_database") return answer(textArgument(request, "query"), {}).result();
            if (request.name == "list_tables") return listTables();
            return describeTable(textArgument(request, "table"));
        } catch (const ArgumentError& fault) {
            return Result::failure(fault.what());
        } catch (const SqlError& fault) {
            return Result::failure(std::string("SQL error: ") + fault.what());
        }
    }
    void interrupt() noexcept override { connection_->interrupt(); }

private:
    TableAnswer answer(const std::string& sql, const std::vector<std::string>& parameters) {
        TableAnswer table(limits_.answer);
        connection_->query(
            sql, parameters, [&](const Row& first) { table.columns(first); },
            [&](const Row& row) { return table.row(row); });
        return table;
    }
    Result listTables() {
        return answer(
                   "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE "
                   "'sqlite\\_%' ESCAPE '\\' ORDER BY name",
                   {})
            .result();
    }
    // SQLite finds the table; one without a column is none.
    std::optional<TableAnswer> describe(const TableName& table) {
        constexpr const char* shown =
            "SELECT name, type, \"notnull\" AS not_null, dflt_value AS default_value, "
            "pk AS primary_key FROM ";
        constexpr const char* hidden = " WHERE hidden <> 1"; // arguments of table-valued functions
        const std::string from = table.schema.empty() ? "pragma_table_xinfo(?1)" : "pragma_table_xinfo(?1, ?2)";
        std::vector<std::string> names{table.name};
        if (!table.schema.empty()) names.push_back(table.schema);
        TableAnswer columns = answer(shown + from + hidden, names);
        if (columns.count() == 0) return std::nullopt;
        return columns;
    }
    Result describeTable(const std::string& text) {
        for (const TableName& name : tableNames(text))
            if (auto columns = describe(name)) return columns->result();
        throw SqlError("no such table: " + text);
    }

    const Limits& limits_;
    ConnectionPool::Loan connection_;
};

// For a caller that has no database: each call is told why.
class RefusedClient final : public Client {
public:
    explicit RefusedClient(std::string why) : why_(std::move(why)) {}
    CallOutcome call(const CallRequest&, CallContext&) override { return Result::failure(why_); }

private:
    const std::string why_;
};

Tool tool(const char* name, const char* description, Json properties, Json required) {
    Tool out;
    out.name = name;
    out.description = description;
    out.inputSchema = {{"type", "object"},
                       {"properties", std::move(properties)},
                       {"required", std::move(required)},
                       {"additionalProperties", false}};
    out.outputSchema = TableAnswer::schema();
    out.annotations = {{"readOnlyHint", true}, {"openWorldHint", false}};
    return out;
}

class SqlBackend final : public Backend {
public:
    SqlBackend(const Settings& settings, const Host& host) : host_(host) {
        if (!keepAccounts(fallbackMemory))
            host_.log(LogLevel::warning,
                      "SQLite was in use before this plugin: a statement's memory is not bounded, "
                      "only SQLite's as a whole");
        for (const Settings& database : settings.list("databases")) {
            database.allowOnly({"name", "url"});
            add(database.string("name"), database.string("url"));
        }
        limits_.answer.rows = static_cast<std::size_t>(settings.integer("max_rows"));
        limits_.answer.bytes = static_cast<std::size_t>(settings.integer("max_bytes"));
        limits_.statement = StatementLimits::forAnswers(limits_.answer.bytes,
                                                        std::chrono::seconds(settings.integer("statement_seconds")));
        limits_.pool.kept = static_cast<std::size_t>(settings.integer("kept_connections"));
        limits_.pool.keptOfOne = static_cast<std::size_t>(settings.integer("kept_connections_per_identity"));
        limits_.pool.time = std::chrono::seconds(settings.integer("kept_seconds"));
        pool_.emplace(limits_.pool, limits_.statement);
        if (limits_.pool.kept > 0 && !pool_->closesByItself())
            host_.log(LogLevel::warning, "there is no thread to close idle connections: each call opens its own");
        if (databases_.empty())
            host_.log(LogLevel::warning, "no database is configured; set backend.settings.databases");
    }

    // A file's name is looked up, no more: what is in it is for the calls to find.
    std::string notReady() const override {
        if (databases_.empty()) return "no database is configured; set backend.settings.databases";
        const auto away = std::find_if(databases_.begin(), databases_.end(),
                                       [](const Database& database) { return !isThere(database.file); });
        return away == databases_.end() ? "" : "the database \"" + away->name + "\" cannot be read: " + away->file;
    }

    std::vector<Tool> tools() const override {
        const Json text = {{"type", "string"}};
        return {tool("query_database",
                     "Runs one read-only SQL statement and returns its rows. Integers beyond 2^53 - 1 and infinite "
                     "numbers come as strings; types says what a column's values are.",
                     {{"query", {{"type", "string"}, {"description", "One SELECT statement"}}}}, {"query"}),
                tool("list_tables", "Lists the tables and views of the database.", Json::object(), Json::array()),
                tool("describe_table", "Lists the columns of a table or view.",
                     {{"table", {{"type", "string"}, {"description", "Its name, as in SQL: main.users"}}}}, {"table"})};
    }

    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials&) override {
        try {
            const Database& database = databaseOf(identity);
            return std::make_unique<SqlClient>(pool_->lend(identity.isolationKey, database.file), limits_);
        } catch (const SqlError& no) {
            return std::make_unique<RefusedClient>(no.what());
        }
    }

    void identityGone(std::string_view isolationKey) override { pool_->identityGone(isolationKey); }

private:
    void add(const std::string& name, const std::string& url) {
        constexpr std::string_view scheme = "sqlite:";
        if (url.compare(0, scheme.size(), scheme) != 0)
            throw SettingsError("databases: " + name + ": url: expected sqlite:PATH, got another scheme");
        const std::string file = url.substr(scheme.size());
        SqliteConnection(file, {std::chrono::seconds(1)}).open(); // a file that cannot be opened is told at the start
        databases_.push_back({name, file});
    }

    // The one the token is bound to, else the first. Throws SqlError.
    const Database& databaseOf(const Identity& identity) const {
        const std::string bound = boundDatabase(identity.claimsJson);
        if (bound.empty() && databases_.empty())
            throw SqlError("no database is configured; set backend.settings.databases");
        if (bound.empty()) return databases_.front();
        const auto found = std::find_if(databases_.begin(), databases_.end(),
                                        [&](const Database& database) { return database.name == bound; });
        if (found == databases_.end()) // the names of the others are not disclosed
            throw SqlError("this token is bound to the database \"" + bound.substr(0, maxToldBytes) +
                           "\", which this server does not have");
        return *found;
    }
    // Empty: it is bound to none.
    static std::string boundDatabase(const std::string& claimsJson) {
        if (claimsJson.empty()) return {};
        const Json claims = Json::parse(claimsJson, nullptr, false);
        if (!claims.is_object()) throw SqlError("the claims of this token cannot be read");
        const auto bound = claims.find("database");
        if (bound == claims.end() || bound->is_null()) return {};
        if (!bound->is_string())
            throw SqlError(std::string("the claim \"database\" of this token is of type ") + bound->type_name() +
                           "; expected a string");
        return bound->get<std::string>();
    }

    const Host& host_;
    std::vector<Database> databases_;
    Limits limits_;
    std::optional<ConnectionPool> pool_;
};

} // namespace

GATEHOUSE_SETTINGS(R"({"properties": {
"databases": {"type": "array", "default": [], "items": {"type": "object"},
  "description": "{name, url} of each, such as sqlite:/srv/main.db; the first is the default, a token may be bound to another"},
"max_rows": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1000,
  "description": "of an answer; told in it when reached"},
"max_bytes": {"type": "integer", "minimum": 1024, "maximum": 67108864, "default": 1048576,
  "description": "of an answer, told in it when reached; a call takes at most four times that from memory"},
"statement_seconds": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
  "description": "a statement ends within a second of it, whatever it is doing"},
"kept_connections": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 64,
  "description": "at rest between calls, each for one identity; at the limit the longest unused is closed"},
"kept_connections_per_identity": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 4},
"kept_seconds": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
  "description": "unused for so long, a connection is closed"}}})")

GATEHOUSE_BACKEND(SqlBackend, "sql", "1.0.0")
