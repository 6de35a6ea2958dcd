#include "loop/event_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/time_text.hpp"

namespace gatehouse {

namespace {

constexpr int eventsPerTurn = 256;
constexpr std::size_t scratchBytes = 64 << 10;

int opened(int descriptor, const char* what) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
    return descriptor;
}

} // namespace

// False when `work` threw.
template <class Work>
bool EventLoop::guarded(const Work& work) {
    try {
        work();
        return true;
    } catch (const std::exception& fault) {
        reportFault(fault.what());
    } catch (...) {
        reportFault("something that is no std::exception");
    }
    return false;
}

EventLoop::EventLoop(const Clock& clock, LoopReports reports)
    : clock_(clock), reports_(std::move(reports)), epoll_(opened(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wakeup_(opened(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")), now_(clock.steady()), wheel_(now_),
      scratch_(scratchBytes) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr; // the wake-up
    opened(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event), "epoll_ctl");
}

EventLoop::~EventLoop() {
    while (firstDeferred_) firstDeferred_ = std::move(firstDeferred_->nextDeferred_); // one by one: no deep recursion
    ::close(wakeup_);
    ::close(epoll_);
}

void EventLoop::watch(int descriptor, Pollable& who, Watch how) {
    epoll_event event{};
    event.events =
        how == Watch::edges ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : static_cast<std::uint32_t>(EPOLLIN);
    event.data.ptr = &who;
    opened(::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

void EventLoop::forget(int descriptor) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr); }

void EventLoop::run() {
    while (!stopping_) turn(TimerWheel::tick);
    finishPosted();
}

void EventLoop::finishPosted() {
    for (int round = 0; round < finishingRounds; ++round) {
        runPosted();
        runDeferred();
        if (!hasPosted()) return;
    }
}

bool EventLoop::hasPosted() {
    const std::lock_guard lock(mutex_);
    return !posted_.empty();
}

void EventLoop::stop() {
    stopping_ = true;
    wake();
}

void EventLoop::post(std::function<void()> work) {
    bool first = false;
    {
        std::lock_guard lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(work));
    }
    if (first) wake();
}

void EventLoop::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(wakeup_, &one, sizeof(one)); // a full counter wakes as well
}

// A turn: readiness of descriptors, work that other threads posted, timers, and last what was deferred on the way, when
// no handler is on the stack any more (a connection that deletes itself, a next read).
void EventLoop::turn(std::chrono::milliseconds longest) {
    std::array<epoll_event, eventsPerTurn> events;
    const int ready = ::epoll_wait(epoll_, events.data(), eventsPerTurn, static_cast<int>(longest.count()));
    const SteadyTime begun = now_ = clock_.steady();
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(ready, 0)); ++i) {
        auto* who = static_cast<Pollable*>(events[i].data.ptr);
        const std::uint32_t flags = events[i].events;
        if (!who) {
            std::uint64_t count = 0;
            [[maybe_unused]] const ssize_t ignored = ::read(wakeup_, &count, sizeof(count));
            continue;
        }
        const Readiness readiness{(flags & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0, (flags & (EPOLLOUT | EPOLLERR)) != 0,
                                  (flags & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0};
        if (!guarded([&] { who->onReady(readiness); })) who->onFault();
    }
    runPosted();
    guarded([&] { wheel_.advance(now_); });
    runDeferred();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begun);
    if (took > slowTurnLimit && reports_.slowTurn) reports_.slowTurn(took);
}

void EventLoop::runPosted() {
    std::vector<std::function<void()>> work;
    {
        std::lock_guard lock(mutex_);
        work.swap(posted_);
    }
    for (const auto& item : work) guarded(item);
}

void EventLoop::defer(std::shared_ptr<Pollable> who) noexcept {
    if (std::exchange(who->isDeferred_, true)) return;
    Pollable* const last = std::exchange(lastDeferred_, who.get());
    (firstDeferred_ ? last->nextDeferred_ : firstDeferred_) = std::move(who);
}

// In order; what is deferred on the way is of this turn too.
void EventLoop::runDeferred() {
    while (firstDeferred_) {
        const auto who = std::exchange(firstDeferred_, nullptr);
        firstDeferred_ = std::move(who->nextDeferred_);
        who->isDeferred_ = false;
        if (!guarded([&] { who->onDeferred(); })) who->onFault();
    }
}

void EventLoop::reportFault(std::string_view fault) noexcept {
    try {
        reports_.fault(fault);
    } catch (const std::exception&) { // no memory to tell it: the loop goes on
    }
}

std::string_view EventLoop::dateLine() {
    if (now_ >= dateUntil_) {
        dateLine_ = "Date: " + httpDate(clock_.wall()) + "\r\n";
        dateUntil_ = now_ + std::chrono::seconds(1);
    }
    return dateLine_;
}

void Alarm::set(SteadyTime when, std::function<void()> action) {
    when_ = when;
    action_ = std::move(action);
    loop_.wheel().schedule(*this, when);
}

void Alarm::cancel() {
    action_ = nullptr;
    loop_.wheel().cancel(*this);
}

void Alarm::onTimer(SteadyTime now) {
    if (!action_) return;
    if (now < when_) return loop_.wheel().schedule(*this, when_);
    const auto action = std::move(action_);
    action_ = nullptr;
    action();
}

} // namespace gatehouse
