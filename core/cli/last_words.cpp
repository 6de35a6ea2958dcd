#include "cli/last_words.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include <signal.h>
#include <unistd.h>

#include "plugin/plugin_call.hpp"

namespace gatehouse::cli {

namespace {

std::atomic<bool> mustNotExit{false};

// A line in a buffer of its own: a signal handler may not allocate.
class Line {
public:
    void add(const char* text) {
        for (; *text != '\0' && size_ + 1 < sizeof(text_); ++text) text_[size_++] = *text;
    }
    void add(int number) { // 0 to 99
        const char digits[] = {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10), '\0'};
        add(number < 10 ? digits + 1 : digits);
    }
    void write() {
        text_[size_++] = '\n';
        const ssize_t written = ::write(STDERR_FILENO, text_, size_);
        static_cast<void>(written); // there is no place left for a fault
    }

private:
    char text_[300];
    std::size_t size_ = 0;
};

void addWhere(Line& line) {
    const PluginCall::Where where = PluginCall::ofThisThread();
    if (!where.plugin) return line.add(" outside of any call of a plugin");
    line.add(" in plugin ");
    line.add(where.plugin);
    line.add(", function ");
    line.add(where.function);
}

// The handler is gone by now: raised again, the signal does what it would have done.
void onSignal(int number) {
    Line line;
    line.add("gatehouse: died by signal ");
    line.add(number);
    addWhere(line);
    line.write();
    ::raise(number);
}

void onExit() {
    if (!mustNotExit) return;
    Line line;
    line.add("gatehouse: exit() was called");
    addWhere(line);
    line.write();
    ::_exit(EXIT_FAILURE);
}

} // namespace

void reportFatalSignals() {
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        struct sigaction now {};
        if (::sigaction(number, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
        now.sa_handler = onSignal;
        now.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
        ::sigemptyset(&now.sa_mask);
        ::sigaction(number, &now, nullptr);
    }
}

NoExit::NoExit() {
    static const int registered = std::atexit(onExit);
    static_cast<void>(registered);
    mustNotExit = true;
}

NoExit::~NoExit() { mustNotExit = false; }

} // namespace gatehouse::cli
