#include "base/line_writer.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/signal_mask.hpp"

namespace gatehouse {

// Callers append to queue_ and never wait. The thread takes the whole queue at once, after a short time of gathering,
// so that many lines cost one write. A regular file never blocks; a pipe or terminal may, so it is polled and written
// in pieces that fit for certain, and the end (stopping_) is noticed. What finds no room is dropped and counted; the
// count goes out before the next line.

namespace {

bool isRegularFile(int descriptor) {
    struct stat facts {};
    return ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

} // namespace

LineWriter::LineWriter(int descriptor, LineWriterOptions options)
    : descriptor_(descriptor), options_(options), neverBlocks_(isRegularFile(descriptor)), thread_(started()) {}

std::thread LineWriter::started() {
    const SignalsBlocked whileItStarts;
    return std::thread([this] { run(); });
}

LineWriter::~LineWriter() {
    flush(options_.closeWithin);
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (options_.ownsDescriptor) ::close(descriptor_);
}

void LineWriter::write(std::string_view line) {
    bool first = false;
    {
        std::lock_guard lock(mutex_);
        if (queue_.size() + line.size() + 1 > options_.maxQueuedBytes) {
            dropped_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        first = queue_.empty();
        queue_ += line;
        queue_ += '\n';
    }
    if (first) wake_.notify_one();
}

void LineWriter::flush(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    hurry_ = true;
    wake_.notify_one();
    idle_.wait_for(lock, limit, [this] { return queue_.empty() && !busy_; });
    hurry_ = false;
}

void LineWriter::run() {
    std::string batch;
    while (waitForLines(batch)) {
        try {
            writeOut(batch);
        } catch (const std::exception&) { // no memory
            countDropped(batch);
        }
        batch.clear();
    }
}

// Takes everything that is queued; false when there is nothing and the end has come.
bool LineWriter::waitForLines(std::string& batch) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    if (queue_.empty()) idle_.notify_all();
    wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    if (!stopping_ && !hurry_) wake_.wait_for(lock, options_.gather, [this] { return stopping_ || hurry_; });
    if (queue_.empty()) return false;
    batch.swap(queue_);
    busy_ = true;
    return true;
}

bool LineWriter::writable() const {
    if (neverBlocks_) return true;
    pollfd wait{descriptor_, POLLOUT, 0};
    while (true) {
        const int ready = ::poll(&wait, 1, 100);
        if (ready > 0) return (wait.revents & (POLLERR | POLLNVAL)) == 0;
        if (stopping_) return false;
    }
}

void LineWriter::writeOut(std::string_view batch) {
    if (const std::uint64_t lost = dropped(); options_.notesDrops && lost != droppedSaid_) {
        const std::string note = "(" + std::to_string(lost - droppedSaid_) + " lines before this one were dropped)\n";
        if (writeWhole(note) < note.size()) return countDropped(batch);
        droppedSaid_ = lost;
    }
    countDropped(batch.substr(writeWhole(batch)));
}

// How much of `text` went out: all of it, unless the descriptor fails or stays blocked until the end.
std::size_t LineWriter::writeWhole(std::string_view text) const {
    std::size_t done = 0;
    while (done < text.size() && writable()) {
        // A pipe that is ready takes 4096 bytes at once for certain (PIPE_BUF).
        const std::size_t piece = neverBlocks_ ? text.size() - done : std::min<std::size_t>(text.size() - done, 4096);
        const ssize_t written = ::write(descriptor_, text.data() + done, piece);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        done += static_cast<std::size_t>(written);
    }
    return done;
}

void LineWriter::countDropped(std::string_view lines) {
    dropped_.fetch_add(static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n')),
                       std::memory_order_relaxed);
}

} // namespace gatehouse
