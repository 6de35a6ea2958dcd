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
};

} // namespace gatehouse
