#include <gatehouse/jose/remote_key_set.hpp>

#include <algorithm>
#include <exception>

#include "key_material.hpp"

namespace gatehouse::jose {

namespace {

// When it fetches, and what waits. One thread loads: on its timer, and when a key id is asked for that the set
// does not have. Such a question takes one of a few looks, which come back slowly (a token bucket), so that made-up key
// ids cost the provider next to nothing; all callers meanwhile wait for the same look, a bounded number of them for a
// bounded time. A load that was under way when a question came may have begun before the key was published: it is
// waited for, and then one more look is taken. After a failed load no caller waits: known keys count until they are too
// old, and an unknown one is "unavailable" rather than "wrong".

std::chrono::seconds until(std::chrono::steady_clock::time_point then, std::chrono::steady_clock::time_point now) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(then - now);
    return std::max(left, std::chrono::seconds(1));
}

std::string ids(const KeySet& set) {
    std::string out;
    for (const Key& key : set.keys())
        out.append(out.empty() ? "" : ", ").append(key.id().empty() ? "without kid" : shownKeyId(key.id()));
    return out;
}

} // namespace

RemoteKeySet::RemoteKeySet(Load load, RemoteKeyTimes times, SteadyNow now, Told told)
    : load_(std::move(load)), times_(times), now_(std::move(now)), told_(std::move(told)), nextLoad_(now_()),
      refilledAt_(nextLoad_), looks_(times.burst) {}

RemoteKeySet::~RemoteKeySet() {
    {
        const std::lock_guard lock(mutex_);
        isStopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void RemoteKeySet::start() {
    thread_ = std::thread([this] { run(); });
}

void RemoteKeySet::awaitFirstLoad(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    if (thread_.joinable()) changed_.wait_for(lock, most, [this] { return loads_ > 0 || isStopping_; });
}

RemoteKeySet::Answer RemoteKeySet::current() const {
    const std::lock_guard lock(mutex_);
    return currentLocked();
}

std::string RemoteKeySet::notReady() const {
    const Answer answer = current();
    const auto* later = std::get_if<Unavailable>(&answer);
    return later ? later->detail : "";
}

RemoteKeySet::Answer RemoteKeySet::currentLocked() const {
    const Time now = now_();
    if (set_ && now - loadedAt_ <= times_.maxStale) return set_;
    return Unavailable{std::string("the key set is ") + (set_ ? "too old" : "not there") + ": " + fault_,
                       until(nextLoad_, now)};
}

void RemoteKeySet::refillLocked(Time now) {
    const std::chrono::duration<double> passed = now - refilledAt_;
    looks_ = std::min<double>(times_.burst, looks_ + passed / times_.coolDown);
    refilledAt_ = now;
}

// Asks for one more look. False when there was one a moment ago.
bool RemoteKeySet::wantLocked() {
    if (isWanted_) return true;
    refillLocked(now_());
    if (looks_ < 1) return false;
    looks_ -= 1;
    isWanted_ = true;
    changed_.notify_all();
    return true;
}

// How long until there is a look to take.
std::chrono::seconds RemoteKeySet::nextLookLocked() const {
    const std::chrono::duration<double> left = (1 - looks_) * std::chrono::duration<double>(times_.coolDown);
    return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(1));
}

// True when a load ended before the deadline.
bool RemoteKeySet::awaitLoad(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point deadline) {
    ++waiting_;
    const std::uint64_t before = loads_;
    const bool done = changed_.wait_until(lock, deadline, [&] { return loads_ != before || isStopping_; });
    --waiting_;
    return done;
}

RemoteKeySet::Answer RemoteKeySet::lookFor(const std::string& keyId) {
    const auto deadline = std::chrono::steady_clock::now() + times_.wait;
    std::unique_lock lock(mutex_);
    for (bool hasLooked = false;;) {
        const Answer known = currentLocked();
        const auto* set = std::get_if<std::shared_ptr<const KeySet>>(&known);
        if (!set || (*set)->has(keyId)) return known;
        if (pause_.count() > 0)
            return Unavailable{"a new key cannot be looked for: " + fault_, until(nextLoad_, now_())};
        // A load that was under way may have begun before the key was published: it is waited for, and does not count.
        if (hasLooked) return known;
        if (!isLoading_ && !wantLocked()) return Unavailable{"a new key cannot be looked for yet", nextLookLocked()};
        hasLooked = !isLoading_;
        if (waiting_ >= times_.mostWaiting)
            return Unavailable{"many wait for a new key already", std::chrono::seconds(1)};
        if (!awaitLoad(lock, deadline)) return Unavailable{"the key set takes long to load", std::chrono::seconds(1)};
        if (isStopping_) return currentLocked();
    }
}

int RemoteKeySet::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

bool RemoteKeySet::step() {
    {
        const std::lock_guard lock(mutex_);
        if (!isWanted_ && now_() < nextLoad_) return false;
        isWanted_ = false;
        isLoading_ = true;
    }
    try {
        store(load_());
    } catch (const std::exception& fault) {
        store(KeyFault{fault.what()});
    }
    return true;
}

void RemoteKeySet::store(std::variant<KeySet, KeyFault> loaded) {
    std::string words;
    const auto* fault = std::get_if<KeyFault>(&loaded);
    {
        const std::lock_guard lock(mutex_);
        const Time now = now_();
        isLoading_ = false;
        ++loads_;
        if (fault) {
            pause_ = pause_.count() == 0 ? times_.firstPause : std::min(pause_ * 2, times_.mostPause);
            nextLoad_ = now + pause_;
            fault_ = fault->words;
            words = "keys cannot be loaded: " + fault_ + (set_ ? "; the last ones stay in force" : "");
        } else {
            auto fresh = std::make_shared<const KeySet>(std::get<KeySet>(std::move(loaded)));
            const bool isOdd = !set_ || set_->leftOut() != fresh->leftOut();
            if (isOdd || ids(*set_) != ids(*fresh) || pause_.count() > 0) words = "keys loaded: " + ids(*fresh);
            if (isOdd)
                for (const std::string& left : fresh->leftOut()) words += "; left out " + left;
            pause_ = std::chrono::seconds(0);
            set_ = std::move(fresh);
            loadedAt_ = now;
            nextLoad_ = now + times_.refresh;
        }
    }
    changed_.notify_all();
    if (!words.empty()) told_(fault != nullptr, words);
}

void RemoteKeySet::run() {
    for (;;) {
        step();
        std::unique_lock lock(mutex_);
        const auto pause =
            std::max<std::chrono::steady_clock::duration>(nextLoad_ - now_(), std::chrono::milliseconds(1));
        changed_.wait_for(lock, pause, [this] { return isWanted_ || isStopping_; });
        if (isStopping_) return;
    }
}

} // namespace gatehouse::jose
