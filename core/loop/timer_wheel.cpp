#include "loop/timer_wheel.hpp"

#include <algorithm>

namespace gatehouse {

// A hashed timing wheel: a ring of lists, one for each tick. An entry is linked into the list of the tick in which it
// is due, so that to schedule or cancel it costs a few pointers and no memory. An entry that is put off stays where it
// is, and is scheduled anew when it fires too early: deadlines that move with each read cost nothing.

void TimerEntry::unlink() {
    if (!next_) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
}

TimerWheel::TimerWheel(SteadyTime now) : start_(now), anchors_(slots) {
    for (Anchor& anchor : anchors_) anchor.next_ = anchor.previous_ = &anchor;
}

TimerWheel::~TimerWheel() {
    for (Anchor& anchor : anchors_)
        while (anchor.next_ != &anchor) anchor.next_->unlink();
    for (Anchor& anchor : anchors_) anchor.next_ = anchor.previous_ = nullptr;
}

// The tick in which `when` has passed for certain, within the wheel.
std::size_t TimerWheel::slotOf(SteadyTime when) const {
    const auto ticks = when <= start_ ? 0 : static_cast<std::size_t>((when - start_) / tick) + 1;
    return std::clamp(ticks, done_ + 1, done_ + slots - 1);
}

void TimerWheel::schedule(TimerEntry& entry, SteadyTime when) {
    if (entry.next_ && entry.firesAt_ <= when) return;
    entry.unlink();
    const std::size_t at = slotOf(when);
    entry.firesAt_ = start_ + at * tick;
    Anchor& anchor = anchors_[at % slots];
    entry.next_ = &anchor;
    entry.previous_ = anchor.previous_;
    anchor.previous_->next_ = &entry;
    anchor.previous_ = &entry;
}

void TimerWheel::advance(SteadyTime now) {
    const auto passed = now <= start_ ? 0 : static_cast<std::size_t>((now - start_) / tick);
    if (passed > done_ + slots) done_ = passed - slots; // after a long pause every slot is due once
    while (done_ < passed) {
        ++done_;
        fire(anchors_[done_ % slots], now);
    }
}

void TimerWheel::fire(Anchor& slot, SteadyTime now) {
    Anchor due; // the slot's entries move here: one that is asked again may land in the same slot
    if (slot.next_ == &slot) return;
    due.next_ = slot.next_;
    due.previous_ = slot.previous_;
    due.next_->previous_ = &due;
    due.previous_->next_ = &due;
    slot.next_ = slot.previous_ = &slot;
    while (due.next_ != &due) {
        TimerEntry& entry = *due.next_;
        entry.unlink();
        entry.onTimer(now);
    }
    due.next_ = due.previous_ = nullptr;
}

} // namespace gatehouse
