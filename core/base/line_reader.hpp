// LineReader: text lines from a descriptor, read by a thread of its own that stays a bounded number of lines ahead.
//
// Threads: `line` and `end` are called on the reader's own thread; done() from any; destroy on any but its own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace gatehouse {

struct LineReaderOptions {
    std::size_t maxLine = 4 << 20; // bytes; a longer line ends the reading
    std::size_t maxAhead = 64;     // lines given and not done() yet; then reading waits
};

class LineReader {
public:
    using OnLine = std::function<void(std::string line)>; // without its line break; empty lines are left out
    using OnEnd = std::function<void(const char* why)>;   // once: the input has ended, or cannot be read

    // Does not own the descriptor. Throws std::system_error.
    LineReader(int descriptor, LineReaderOptions options, OnLine line, OnEnd end);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    void done(); // with one line

private:
    const char* readAll();
    bool waitForInput() const;
    bool giveLines(std::string& text);
    bool mayGive();

    const int descriptor_;
    const int stop_; // an eventfd
    const LineReaderOptions options_;
    const OnLine line_;
    const OnEnd end_;

    std::mutex mutex_; // guards the members below
    std::condition_variable wake_;
    std::size_t ahead_ = 0;
    bool stopping_ = false;

    std::thread thread_;
};

} // namespace gatehouse
