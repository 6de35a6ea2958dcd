// RemoteKeySet: a key set that a provider publishes and rotates (JWKS), kept fresh by a thread of its own.
//
// The set is loaded in the background every `refresh`. A kid that it does not have asks for one more look, at most
// `burst` of them at once and one more each `coolDown`, for all callers together: no caller can trigger fetches at
// will. Until the next look an unknown kid is Unavailable, not refused: its key may have been published a moment ago.
// When loading fails, the last set stays in force for `maxStale`, and loading is tried again with growing pauses;
// meanwhile no caller waits for it, and an unknown kid cannot be judged. Only a few wait for a look that is under way,
// so that a crowd with unknown kids does not hold every thread that asks.
//
// Threads: any. `load` is called on the set's own thread, one at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include <gatehouse/jose/key_set.hpp>
#include <gatehouse/verdict.hpp>

namespace gatehouse::jose {

struct RemoteKeyTimes {
    std::chrono::seconds refresh{300};
    std::chrono::seconds coolDown{30};
    std::chrono::seconds maxStale{24 * 3600};
    std::chrono::seconds firstPause{1};   // after a failure; doubled each time,
    std::chrono::seconds mostPause{30};   // up to this
    std::chrono::milliseconds wait{2000}; // for one more look
    int burst = 2;
    int mostWaiting = 16; // threads that wait for a look at once; further ones get Unavailable
};

class RemoteKeySet {
public:
    using Load = std::function<std::variant<KeySet, KeyFault>()>; // may block
    using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;
    using Told = std::function<void(bool isWarning, const std::string& words)>;
    using Answer = std::variant<std::shared_ptr<const KeySet>, Unavailable>;

    RemoteKeySet(Load load, RemoteKeyTimes times, SteadyNow now, Told told);
    ~RemoteKeySet(); // waits for a load that is under way
    RemoteKeySet(const RemoteKeySet&) = delete;
    RemoteKeySet& operator=(const RemoteKeySet&) = delete;

    void start(); // the thread
    // Returns when the thread has loaded for the first time, or has failed to; at the latest after `most`. For
    // `explain`: validate() never waits like this.
    void awaitFirstLoad(std::chrono::milliseconds most);
    // The set in force.
    Answer current() const;
    // Why there is no set in force, in words; empty: there is one.
    std::string notReady() const;
    // The set, after one more look when it has no such kid and a look is due. May block for `wait`.
    Answer lookFor(const std::string& keyId);
    int waiting() const; // threads, for a look
    // Loads now when it is due or was asked for; what the thread does. True when it loaded.
    bool step();

private:
    using Time = std::chrono::steady_clock::time_point;
    Answer currentLocked() const;
    void refillLocked(Time now);
    std::chrono::seconds nextLookLocked() const;
    bool wantLocked();
    bool awaitLoad(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point deadline);
    void store(std::variant<KeySet, KeyFault> loaded);
    void run();

    const Load load_;
    const RemoteKeyTimes times_;
    const SteadyNow now_;
    const Told told_;

    mutable std::mutex mutex_; // guards all below
    std::condition_variable changed_;
    std::shared_ptr<const KeySet> set_;
    Time loadedAt_{};
    Time nextLoad_{};
    Time refilledAt_{};
    double looks_;                  // left to take
    std::chrono::seconds pause_{0}; // not zero: the last load failed
    std::string fault_ = "not loaded yet";
    std::uint64_t loads_ = 0;
    int waiting_ = 0; // threads, for a look
    bool isWanted_ = false;
    bool isLoading_ = false; // a load is under way
    bool isStopping_ = false;
    std::thread thread_;
};

} // namespace gatehouse::jose
