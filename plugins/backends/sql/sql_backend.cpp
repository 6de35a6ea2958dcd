// sql: read-only questions to a database. SQLite.
//
// Each call's client opens its own connection to the database that the caller's token is bound to, or the first one.
#include <algorithm>

#include <gatehouse/plugin.hpp>

#include "sqlite_connection.hpp"
#include "table_answer.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::sql;

constexpr std::int64_t fallbackMemory = 512 << 20; // bytes, of all that SQLite has in the process

struct Database {
    std::string name;
    std::string file;
};

struct Limits {
    AnswerLimits answer;
    StatementLimits statement;
};

class ArgumentError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

std::string textArgument(const Json& arguments, const char* name) {
    const auto found = arguments.find(name);
    if (found == arguments.end() || !found->is_string()) throw ArgumentError(std::string(name) + ": wanted a string");
    return found->get<std::string>();
}

class SqlClient final : public Client {
public:
    SqlClient(const Database* database, const Limits& limits) : limits_(limits) {
        if (database) connection_ = std::make_unique<SqliteConnection>(database->file, limits.statement);
    }

    CallOutcome call(const CallRequest& request, CallContext&) override {
        if (!connection_) return ToolResult::failure("no database is configured; set backend.settings.databases");
        try {
            const Json arguments = Json::parse(request.argumentsJson);
            if (request.name == "query_database") return answer(textArgument(arguments, "query"), {});
            if (request.name == "list_tables") return listTables();
            return describeTable(textArgument(arguments, "table"));
        } catch (const ArgumentError& fault) {
            return ToolResult::failure(fault.what());
        } catch (const SqlError& fault) {
            return ToolResult::failure(std::string("SQL error: ") + fault.what());
        }
    }
    void interrupt() noexcept override {
        if (connection_) connection_->interrupt();
    }
    void close() noexcept override {
        if (connection_) connection_->close();
    }

private:
    ToolResult answer(const std::string& sql, const std::vector<std::string>& parameters) {
        TableAnswer table(limits_.answer);
        connection_->query(
            sql, parameters, [&](const auto& names) { table.columns(names); },
            [&](const Row& row) { return table.row(row); });
        return table.result();
    }
    ToolResult listTables() {
        return answer(
            "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\' "
            "ORDER BY name",
            {});
    }
    ToolResult describeTable(const std::string& table) {
        bool known = false;
        connection_->query(
            "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?", {table}, [](const auto&) {},
            [&](const Row&) { return known = true; });
        if (!known) throw SqlError("no such table: " + table);
        return answer(
            "SELECT name, type, \"notnull\" AS not_null, dflt_value AS default_value, pk AS primary_key FROM "
            "pragma_table_info(?)",
            {table});
    }

    const Limits& limits_;
    std::unique_ptr<SqliteConnection> connection_;
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
        settings.allowOnly({"databases", "max_rows", "max_bytes", "statement_seconds"});
        for (const Settings& database : settings.list("databases")) {
            database.allowOnly({"name", "url"});
            add(database.text("name"), database.text("url"));
        }
        limits_.answer.rows = static_cast<std::size_t>(settings.integer("max_rows", 1000, 1, 1'000'000));
        limits_.answer.bytes = static_cast<std::size_t>(settings.integer("max_bytes", 1 << 20, 1024, 64 << 20));
        limits_.statement = StatementLimits::forAnswers(
            limits_.answer.bytes, std::chrono::seconds(settings.integer("statement_seconds", 30, 1, 3600)));
        if (databases_.empty())
            host_.log(LogLevel::warning, "no database is configured; set backend.settings.databases");
    }

    std::vector<Tool> tools() const override {
        const Json text = {{"type", "string"}};
        return {tool("query_database", "Runs one read-only SQL statement and returns its rows.",
                     {{"query", {{"type", "string"}, {"description", "One SELECT statement"}}}}, {"query"}),
                tool("list_tables", "Lists the tables and views of the database.", Json::object(), Json::array()),
                tool("describe_table", "Lists the columns of a table or view.",
                     {{"table", {{"type", "string"}, {"description", "Its name"}}}}, {"table"})};
    }

    std::unique_ptr<Client> createClient(const Identity& identity, const Credentials&) override {
        return std::make_unique<SqlClient>(databaseOf(identity), limits_);
    }

private:
    void add(const std::string& name, const std::string& url) {
        constexpr std::string_view scheme = "sqlite:";
        if (url.compare(0, scheme.size(), scheme) != 0)
            throw SettingsError("databases: " + name + ": url: got a scheme that is not served, wanted sqlite:PATH");
        const std::string file = url.substr(scheme.size());
        SqliteConnection(file, {std::chrono::seconds(1)}).open(); // a file that cannot be opened is told at the start
        databases_.push_back({name, file});
    }

    // The one the token is bound to, else the first; null when none is configured.
    const Database* databaseOf(const Identity& identity) const {
        const Json claims =
            identity.claimsJson.empty() ? Json::object() : Json::parse(identity.claimsJson, nullptr, false);
        const std::string bound = claims.is_object() ? claims.value("database", "") : "";
        if (bound.empty()) return databases_.empty() ? nullptr : &databases_.front();
        const auto found = std::find_if(databases_.begin(), databases_.end(),
                                        [&](const Database& database) { return database.name == bound; });
        if (found == databases_.end())
            throw SqlError("the token is bound to the database \"" + bound + "\", which is not configured");
        return &*found;
    }

    const Host& host_;
    std::vector<Database> databases_;
    Limits limits_;
};

} // namespace

GATEHOUSE_BACKEND(SqlBackend, "sql", "1.0.0")
