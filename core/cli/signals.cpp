#include "cli/signals.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

namespace gatehouse::cli {

namespace {

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
    return set;
}

int openSignals() {
    const sigset_t set = watched();
    const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
    return descriptor;
}

} // namespace

void blockSignals() {
    const sigset_t set = watched();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

SignalWatcher::SignalWatcher(EventLoop& loop, SignalActions actions)
    : loop_(loop), actions_(std::move(actions)), descriptor_(openSignals()) {
    loop_.watch(descriptor_, *this, EventLoop::Watch::levelRead);
}

SignalWatcher::~SignalWatcher() {
    loop_.forget(descriptor_);
    ::close(descriptor_);
}

void SignalWatcher::onReady(Readiness) {
    signalfd_siginfo signal{};
    if (::read(descriptor_, &signal, sizeof(signal)) != static_cast<ssize_t>(sizeof(signal))) return;
    const auto number = static_cast<int>(signal.ssi_signo);
    if (number == SIGHUP) return actions_.lookAgain();
    if (number != SIGTERM && number != SIGINT) return;
    if (stopping_) return actions_.stopAtOnce();
    stopping_ = true;
    actions_.stop();
}

} // namespace gatehouse::cli
