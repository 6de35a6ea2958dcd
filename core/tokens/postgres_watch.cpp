// Hears of changes on a PostgreSQL server: NOTIFY is a hint, and looking often is what is relied on.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <system_error>
#include <thread>

#include <libpq-fe.h>

#include "base/signal_mask.hpp"
#include "tokens/postgres_database.hpp"
#include "tokens/token_store.hpp"

namespace gatehouse {

namespace {

constexpr int lookMillis = 250;

class PostgresWatch final : public SqlSource::Watch {
public:
    PostgresWatch(std::string url, std::string name, std::function<void()> changed)
        : url_(std::move(url)), name_(std::move(name)), changed_(std::move(changed)),
          wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (wakeup_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
        const SignalsBlocked blocked; // they are the main thread's
        thread_ = std::thread([this] { run(); });
    }
    ~PostgresWatch() override {
        isEnding_ = true;
        lookNow();
        thread_.join();
        ::close(wakeup_);
    }
    void lookNow() override { ::eventfd_write(wakeup_, 1); }

private:
    void run() {
        while (!isEnding_) {
            listen();
            wait();
            if (!isEnding_) changed_(); // says itself what cannot be read
        }
    }
    // Without a connection it is looked all the same.
    void listen() {
        if (handle_ && PQstatus(handle_.get()) == CONNECTION_OK) return;
        handle_.reset();
        try {
            PostgresHandle fresh = openPostgres(url_, name_, std::chrono::milliseconds(0));
            const PostgresResult result(PQexec(fresh.get(), (std::string("LISTEN ") + postgresChannel).c_str()));
            if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) handle_ = std::move(fresh);
        } catch (const TokenStoreError&) { // tried again
        }
    }
    void wait() {
        pollfd sources[] = {{wakeup_, POLLIN, 0}, {handle_ ? PQsocket(handle_.get()) : -1, POLLIN, 0}};
        ::poll(sources, 2, lookMillis);
        eventfd_t count = 0;
        ::eventfd_read(wakeup_, &count);
        if (!handle_) return;
        PQconsumeInput(handle_.get());
        while (PGnotify* told = PQnotifies(handle_.get())) PQfreemem(told);
    }

    const std::string url_, name_;
    const std::function<void()> changed_;
    const int wakeup_;
    std::atomic<bool> isEnding_{false};
    PostgresHandle handle_;
    std::thread thread_;
};

} // namespace

std::unique_ptr<SqlSource::Watch> PostgresSource::watch(std::function<void()> changed) const {
    return std::make_unique<PostgresWatch>(url_, name_, std::move(changed));
}

} // namespace gatehouse
