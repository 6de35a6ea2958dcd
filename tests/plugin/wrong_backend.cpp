// A backend that is right but for the one way that its settings name. For `gatehouse plugin check`.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <gatehouse/tool_table.hpp>

namespace {

using namespace gatehouse;

struct Echo {
    std::string text;
};
struct Said {
    std::string said;
};
GATEHOUSE_FIELDS(Echo, text)
GATEHOUSE_FIELDS(Said, said)

// Waits until it is interrupted.
class Waiting {
public:
    void until(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        over_.wait_for(lock, limit, [this] { return interrupted_; });
    }
    void interrupt() noexcept {
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        over_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool interrupted_ = false;
};

struct Session {
    Session(const std::string& chosen, const Identity& identity, const Credentials& credentials)
        : way(chosen), subject(identity.subject), credential(credentials.bearer) {
        if (way == "no_client") throw std::runtime_error("no connection");
        if (way == "leaks_descriptors") static_cast<void>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (way == "leaks_threads") std::thread([] { std::this_thread::sleep_for(std::chrono::minutes(1)); }).detach();
    }
    ~Session() {
        if (way == "crashes_at_close") std::abort();
    }
    void interrupt() noexcept {
        if (way != "deaf") waiting.interrupt();
    }
    const std::string way;
    const std::string subject, credential;
    Waiting waiting;
};

// What the way "races" shares between calls.
std::string shared; // NOLINT

class WrongBackend final : public SessionTable<Session> {
public:
    WrongBackend(const Settings& settings, const Host& host)
        : SessionTable<Session>([way = settings.string("way", "right")](const Identity& who, const Credentials& with) {
              return std::make_unique<Session>(way, who, with);
          }),
          way_(settings.string("way", "right")), host_(host) {
        Tool& echo = tool("echo", "Says it again.",
                          [this](const Echo& in, Session& session) { return Said{say(in.text, session)}; });
        if (way_ == "untrue_schema") echo.outputSchema["properties"]["said"]["type"] = "integer";
        if (way_ == "blocks") echo.runsInline = true;
        if (way_ == "twice") twice_ = true;
        tool("wait", "Waits.", [](Session& session) {
            session.waiting.until(std::chrono::seconds(5));
            return "over";
        });
    }
    std::vector<Tool> tools() const override {
        auto tools = SessionTable<Session>::tools();
        if (twice_) tools.push_back(tools.front());
        return tools;
    }

private:
    std::string say(const std::string& text, Session& session) {
        if (way_ == "throws") throw std::runtime_error("out of luck");
        if (way_ == "tells") host_.log(LogLevel::info, "with " + session.credential);
        if (way_ == "answers_credential") return session.credential;
        if (way_ == "leaks") kept_[new char[1024]] = 1;
        if (way_ == "blocks") std::this_thread::sleep_for(std::chrono::milliseconds(2));
        if (way_ == "races") return raced(session.subject);
        return text + " of " + session.subject;
    }
    // The answer of whoever came last.
    static std::string raced(const std::string& subject) {
        static std::mutex mutex;
        {
            const std::lock_guard lock(mutex);
            shared = subject;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        const std::lock_guard lock(mutex);
        return shared;
    }

    const std::string way_;
    const Host& host_;
    bool twice_ = false;
    std::map<char*, int> kept_;
};

} // namespace

GATEHOUSE_BACKEND(WrongBackend, "wrong_backend", "1.0.0")
