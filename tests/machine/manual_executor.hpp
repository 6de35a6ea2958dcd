// ManualExecutor: workers without threads: a job runs when the test picks it, in any order, or is refused.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "loop/executor.hpp"

namespace gatehouse::test {

class ManualExecutor final : public Executor {
public:
    bool submit(Job job) override {
        if (jobs_.size() >= most) return false;
        jobs_.push_back(std::move(job));
        return true;
    }
    void deliver(Job job) override { jobs_.push_back(std::move(job)); }
    void lost(int) override {}
    std::size_t waiting() const { return jobs_.size(); }
    void run(std::size_t index) {
        const Job job = std::move(jobs_[index]);
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(index));
        job();
    }
    std::size_t most = 1024; // jobs that wait; more are refused

private:
    std::vector<Job> jobs_;
};

} // namespace gatehouse::test
