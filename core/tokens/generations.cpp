#include "tokens/generations.hpp"

namespace gatehouse {

void Generations::begin(std::vector<std::string> gone) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t next = number_.load(std::memory_order_relaxed) + 1;
    kept_.push_back({next, std::move(gone)});
    if (kept_.size() > maxKept) kept_.pop_front();
    number_.store(next, std::memory_order_release);
}

TokenChanges Generations::since(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    if (number >= this->number()) return {};
    TokenChanges out;
    out.all = kept_.empty() || kept_.front().number > number + 1;
    for (const Generation& one : kept_)
        if (one.number > number) out.gone.insert(out.gone.end(), one.gone.begin(), one.gone.end());
    if (out.all) out.gone.clear();
    return out;
}

} // namespace gatehouse
