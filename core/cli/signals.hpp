// Signals as events of the loop: TERM and INT stop, HUP looks at the files again, the others are nothing to us.
// Threads: block before any thread starts; the watcher lives on the loop's thread.
#pragma once

#include <functional>

#include "loop/event_loop.hpp"

namespace gatehouse::cli {

// Blocks the signals that SignalWatcher reads, for this thread and those it starts; SIGPIPE is ignored.
void blockSignals();

struct SignalActions {
    std::function<void()> stop;
    std::function<void()> stopAtOnce; // asked a second time
    std::function<void()> lookAgain;
};

class SignalWatcher final : public Pollable {
public:
    SignalWatcher(EventLoop& loop, SignalActions actions);
    ~SignalWatcher() override;
    void onReady(Readiness readiness) override;
    int descriptor() const { return descriptor_; } // readable while a signal waits

private:
    EventLoop& loop_;
    const SignalActions actions_;
    const int descriptor_;
    bool stopping_ = false;
};

} // namespace gatehouse::cli
