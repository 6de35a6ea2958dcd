// Runs what might kill the process in a child of its own.
#pragma once

#include <csignal>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::test {

// True when `work` came to its end, by returning or by an exception that somebody could have caught.
inline bool survives(const std::function<void()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
        ::close(STDERR_FILENO);
        try {
            work();
        } catch (...) { // survived
        }
        ::_exit(0);
    }
    int status = -1;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace gatehouse::test
