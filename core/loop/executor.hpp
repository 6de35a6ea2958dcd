// Executor: runs jobs that may block, on another thread than the caller's.
// Threads: any.
#pragma once

#include <functional>

namespace gatehouse {

class Executor {
public:
    using Job = std::function<void()>;
    virtual ~Executor() = default;
    virtual bool submit(Job job) = 0; // false: full or stopped; the job was not accepted and will not run
    // For what must arrive, however busy the workers are: runs before long, on a thread of its own kind. The caller
    // bounds how many there are.
    virtual void deliver(Job job) = 0;
    // A job that submit() accepted does not return (+1), or has returned after all (-1): its thread is made up for by
    // another, up to a limit.
    virtual void lost(int by) = 0;
};

} // namespace gatehouse
