#include "tokens/postgres_database.hpp"

#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include <poll.h>

#include <libpq-fe.h>

#include <gatehouse/settings.hpp>

#include "base/hex_digit.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

namespace {

constexpr Oid byteaType = 17;                                     // pg_type.dat
constexpr const char *diskFull = "53100", *noSuchTable = "42P01"; // PostgreSQL manual, appendix A
constexpr const char* writersLock = "SELECT pg_advisory_xact_lock(7163424865)";

// ?1 as libpq has it: $1.
std::string withDollars(std::string_view sql) {
    std::string out(sql);
    for (char& c : out)
        if (c == '?') c = '$';
    return out;
}

std::chrono::milliseconds patienceFor(SqlSource::Mode mode) {
    if (mode == SqlSource::Mode::judge) return std::chrono::seconds(1);
    return mode == SqlSource::Mode::read ? std::chrono::seconds(30) : std::chrono::seconds(10);
}

// To judge a token, nobody waits for room on the server.
std::chrono::milliseconds patienceToConnect(SqlSource::Mode mode) {
    return mode == SqlSource::Mode::judge ? std::chrono::seconds(0) : std::chrono::seconds(10);
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string optionOf(const Options& options, std::string_view keyword, const char* absent) {
    for (const PQconninfoOption* option = options.get(); option->keyword; ++option)
        if (option->keyword == keyword && option->val && *option->val) return option->val;
    return absent;
}

// Errors of libpq may repeat the URL with its password: none of them comes out.
std::string nameOf(const std::string& url) {
    const Options options(PQconninfoParse(url.c_str(), nullptr));
    if (!options) throw SettingsError("auth.tokens.store: is no URL of PostgreSQL");
    return "postgresql://" + optionOf(options, "host", "localhost") + ":" + optionOf(options, "port", "5432") + "/" +
           optionOf(options, "dbname", "");
}

} // namespace

// A result is a copy in memory: rows are read from it, and another statement may run meanwhile.
class PostgresDatabase::Statement final : public PreparedSql {
public:
    Statement(PostgresDatabase& database, const char* sql) : database_(database), sql_(withDollars(sql)) {}
    void text(int at, std::string_view value) override { bind(at, std::string(value), 0); }
    void blob(int at, std::string_view value) override { bind(at, std::string(value), 1); }
    void number(int at, std::int64_t value) override { bind(at, std::to_string(value), 0); }
    bool next() override {
        if (!result_) execute();
        return ++row_ < PQntuples(result_.get());
    }
    void reset() override {
        result_.reset();
        row_ = -1;
        parameters_.clear();
    }
    std::string_view bytes(int column) const override {
        const std::string_view text = raw(column);
        if (PQftype(result_.get(), column) != byteaType || text.substr(0, 2) != "\\x") return text;
        bytes_.clear();
        for (std::size_t i = 2; i + 1 < text.size(); i += 2)
            bytes_ += static_cast<char>(hexValue(text[i]) * 16 + hexValue(text[i + 1]));
        return bytes_;
    }
    std::int64_t number(int column) const override {
        const std::string_view text = raw(column);
        if (text == "t") return 1;
        std::int64_t out = 0;
        std::from_chars(text.data(), text.data() + text.size(), out);
        return out;
    }

private:
    struct Parameter {
        std::optional<std::string> value;
        int format = 0; // 1: bytes
    };
    void bind(int at, std::string value, int format) {
        if (parameters_.size() < static_cast<std::size_t>(at)) parameters_.resize(static_cast<std::size_t>(at));
        parameters_[static_cast<std::size_t>(at) - 1] = {std::move(value), format};
    }
    // As many as the statement names: those that are not bound are null.
    int count() const {
        int most = 0;
        for (std::size_t at = sql_.find('$'); at != std::string::npos; at = sql_.find('$', at + 1))
            most = std::max(most, std::atoi(sql_.c_str() + at + 1));
        return most;
    }
    void execute() {
        parameters_.resize(static_cast<std::size_t>(count()));
        std::vector<const char*> values;
        std::vector<int> lengths, formats;
        for (const Parameter& one : parameters_) {
            values.push_back(one.value ? one.value->c_str() : nullptr);
            lengths.push_back(one.value ? static_cast<int>(one.value->size()) : 0);
            formats.push_back(one.format);
        }
        PQsendQueryParams(database_.handle_.get(), sql_.c_str(), static_cast<int>(parameters_.size()), nullptr,
                          values.data(), lengths.data(), formats.data(), 0);
        result_ = database_.checked(database_.answer(database_.patience_));
        row_ = -1;
    }
    std::string_view raw(int column) const {
        return {PQgetvalue(result_.get(), row_, column),
                static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
    }

    PostgresDatabase& database_;
    const std::string sql_;
    std::vector<Parameter> parameters_;
    PostgresResult result_;
    int row_ = -1;
    mutable std::string bytes_; // of the column that was read last
};

PostgresDatabase::PostgresDatabase(const std::string& url, const std::string& name, Mode mode)
    : name_(name), patience_(patienceFor(mode)), handle_(openPostgres(url, name, patienceToConnect(mode))) {
    if (mode == Mode::create) makeSchema();
}

// One that is there may be used by somebody who may not make any.
void PostgresDatabase::makeSchema() {
    SqlStatement found(*this, "SELECT 1 FROM pg_namespace WHERE nspname='gatehouse'");
    if (found.next()) return;
    transaction([this] { run("CREATE SCHEMA IF NOT EXISTS gatehouse"); });
}

// Of several statements, the answer to the last; or to the first that failed. A statement that could not be sent has
// none. Who does not answer in time is asked no more: the connection ends.
PostgresResult PostgresDatabase::answer(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    PostgresResult last;
    while (true) {
        while (PQflush(handle_.get()) == 1 || PQisBusy(handle_.get()) != 0) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
            pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
            if (left.count() > 0 && ::poll(&socket, 1, static_cast<int>(left.count())) >= 0 &&
                PQconsumeInput(handle_.get()) == 1)
                continue;
            if (left.count() > 0 && PQstatus(handle_.get()) != CONNECTION_OK) return last;
            handle_.reset();
            throw TokenStoreUnreachable(name_ + ": does not answer");
        }
        PostgresResult one(PQgetResult(handle_.get()));
        if (!one) return last;
        if (!last || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) last = std::move(one);
    }
}

PostgresResult PostgresDatabase::checked(PostgresResult result) const {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    const char* state = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
    const std::string words = name_ + ": " + postgresWords(PQerrorMessage(handle_.get()));
    if (state && std::strcmp(state, diskFull) == 0) throw std::system_error(ENOSPC, std::generic_category(), words);
    if (state && std::strcmp(state, noSuchTable) == 0) throw TokenStoreMissing(name_ + ": has no tables yet");
    if (PQstatus(handle_.get()) != CONNECTION_OK) throw TokenStoreUnreachable(words);
    throw TokenStoreError(words);
}

void PostgresDatabase::run(const std::string& statements) {
    PQsendQuery(handle_.get(), statements.c_str());
    checked(answer(patience_));
}

std::unique_ptr<PreparedSql> PostgresDatabase::prepare(const char* sql) {
    return std::make_unique<Statement>(*this, sql);
}

// What cannot be rolled back ends with its connection.
void PostgresDatabase::rollBack() {
    try {
        run("ROLLBACK");
    } catch (const std::exception&) {
        handle_.reset();
    }
}

void PostgresDatabase::transaction(const std::function<void()>& work) {
    run("BEGIN");
    struct Rollback {
        PostgresDatabase& database;
        bool isDone = false;
        ~Rollback() {
            if (!isDone && database.handle_) database.rollBack();
        }
    } rollback{*this};
    run(writersLock);
    work();
    run("COMMIT");
    rollback.isDone = true;
}

std::int64_t PostgresDatabase::tablesVersion() {
    SqlStatement there(*this, "SELECT to_regclass('gatehouse.version') IS NOT NULL");
    there.next();
    if (there.number(0) == 0) return 0;
    SqlStatement version(*this, "SELECT coalesce(max(tables), 0) FROM version");
    version.next();
    return version.number(0);
}

void PostgresDatabase::setTablesVersion(std::int64_t version) {
    run("CREATE TABLE IF NOT EXISTS version (tables BIGINT NOT NULL); DELETE FROM version; INSERT INTO version VALUES "
        "(" +
        std::to_string(version) + ")");
}

void PostgresDatabase::tellChange() { run(std::string("NOTIFY ") + postgresChannel); }

const SqlWords& PostgresDatabase::words() const {
    static constexpr SqlWords own{
        .key = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", .bytes = "BYTEA", .flat = ""};
    return own;
}

bool PostgresDatabase::isAlive() {
    if (!isUsable()) return false;
    try {
        PQsendQuery(handle_.get(), "SELECT 1");
        checked(answer(patienceFor(SqlSource::Mode::judge)));
        return true;
    } catch (const TokenStoreError&) {
        return false;
    }
}

bool PostgresDatabase::isUsable() const {
    return handle_ && PQstatus(handle_.get()) == CONNECTION_OK && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE;
}

PostgresSource::PostgresSource(std::string url) : url_(std::move(url)), name_(nameOf(url_)) {}

std::unique_ptr<SqlDatabase> PostgresSource::open(Mode mode) const {
    return std::make_unique<PostgresDatabase>(url_, name_, mode);
}

} // namespace gatehouse
