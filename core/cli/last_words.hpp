// The line that says in which plugin the process ends, when it ends in one: by a signal, or by exit().
//
// Threads: install on one, before any other starts.
#pragma once

namespace gatehouse::cli {

// From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT write a line to standard error before they end the process as
// they would have. A signal that already has a handler (a sanitizer) is left alone.
void reportFatalSignals();

// While it lives, exit() ends the process with code 1 and a line that says who called it.
class NoExit {
public:
    NoExit();
    ~NoExit();
    NoExit(const NoExit&) = delete;
    NoExit& operator=(const NoExit&) = delete;
};

} // namespace gatehouse::cli
