// LineWriter: text lines to a descriptor, from any thread, without ever making the caller wait for the disk or a pipe.
//
// Lines wait in a bounded queue that one thread writes out. When the queue is full (a blocked pipe) or the write fails
// (a full disk), lines are dropped and counted; the next line that goes through is preceded by a note of how many.
//
// Threads: write() from any; the descriptor is only touched by the writer's own thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace gatehouse {

struct LineWriterOptions {
    std::size_t maxQueuedBytes = 1 << 20;       // more: the line is dropped and counted
    std::chrono::milliseconds gather{20};       // lines that come within this time are written together
    std::chrono::milliseconds closeWithin{500}; // what a blocked descriptor may delay the end
    bool ownsDescriptor = true;
    bool notesDrops = true; // a line tells of those that were dropped
};

class LineWriter {
public:
    LineWriter(int descriptor, LineWriterOptions options);
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    void write(std::string_view line); // the line break is added; one inside the line is the caller's fault
    // Waits until everything written before is out, or `limit` has passed.
    void flush(std::chrono::milliseconds limit);
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    std::thread started();
    void run();
    bool waitForLines(std::string& batch);
    void writeOut(std::string_view batch);
    std::size_t writeWhole(std::string_view text) const;
    bool writable() const;
    void countDropped(std::string_view lines);

    const int descriptor_;
    const LineWriterOptions options_;
    const bool neverBlocks_; // a regular file: nothing to wait for, and no need of small pieces
    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<bool> stopping_{false};
    std::uint64_t droppedSaid_ = 0; // writer thread only

    std::mutex mutex_; // guards the members below
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::string queue_;
    bool busy_ = false;
    bool hurry_ = false;

    std::thread thread_;
};

} // namespace gatehouse
