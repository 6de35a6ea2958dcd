#include "tokens/postgres_connection.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <thread>

#include <poll.h>

#include <libpq-fe.h>

#include "tokens/token_store.hpp"

namespace gatehouse {

namespace {

constexpr std::string_view tooManyConnections = "53300"; // PostgreSQL manual, appendix A
constexpr std::chrono::milliseconds askAgain{100};
constexpr std::chrono::seconds answersWithin{2};

// What the URL says goes before what is said here.
struct Parameters {
    explicit Parameters(const std::string& url)
        : values{"2",         "3000", "5", "gatehouse", "-c statement_timeout=5000 -c client_min_messages=warning",
                 url.c_str(), nullptr} {}
    static constexpr std::array<const char*, 7> keys{
        "connect_timeout", "tcp_user_timeout", "keepalives_idle", "application_name", "options", "dbname", nullptr};
    std::array<const char*, 7> values;
};

// Takes one step at a time: the only way in which libpq tells the SQLSTATE of a connection that is refused.
std::string verboseRefusal(const Parameters& parameters) {
    const PostgresHandle handle(PQconnectStartParams(parameters.keys.data(), parameters.values.data(), 1));
    if (!handle) throw std::bad_alloc();
    PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
    const auto until = std::chrono::steady_clock::now() + answersWithin;
    auto state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return {};
        const short wanted = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        pollfd socket{PQsocket(handle.get()), wanted, 0};
        if (::poll(&socket, 1, static_cast<int>(left.count())) > 0) state = PQconnectPoll(handle.get());
    }
    return state == PGRES_POLLING_OK ? std::string(tooManyConnections) : postgresWords(PQerrorMessage(handle.get()));
}

// Also when there has been room since.
bool isFull(const Parameters& parameters) {
    return verboseRefusal(parameters).find(tooManyConnections) != std::string::npos;
}

} // namespace

void PostgresClose::operator()(pg_conn* connection) const { PQfinish(connection); }
void PostgresClose::operator()(pg_result* result) const { PQclear(result); }

std::string postgresWords(const char* message) {
    std::string words = message ? message : "";
    words.resize(std::min(words.find('\n'), words.size()));
    return words;
}

PostgresHandle openPostgres(const std::string& url, const std::string& name, std::chrono::milliseconds patience) {
    const Parameters parameters(url);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
        PostgresHandle handle(PQconnectdbParams(parameters.keys.data(), parameters.values.data(), 1));
        if (!handle) throw std::bad_alloc();
        if (PQstatus(handle.get()) == CONNECTION_OK) {
            const PostgresResult path(PQexec(handle.get(), "SET search_path TO gatehouse"));
            if (PQresultStatus(path.get()) != PGRES_COMMAND_OK) throw TokenStoreError(name + ": cannot be used");
            return handle;
        }
        const bool isPatient = std::chrono::steady_clock::now() < until;
        if (!isPatient || !isFull(parameters))
            throw TokenStoreUnreachable(name + ": " + postgresWords(PQerrorMessage(handle.get())));
        std::this_thread::sleep_for(askAgain);
    }
}

} // namespace gatehouse
