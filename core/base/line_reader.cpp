#include "base/line_reader.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gatehouse {

namespace {

int openedStop() {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return descriptor;
}

} // namespace

LineReader::LineReader(int descriptor, LineReaderOptions options, OnLine line, OnEnd end)
    : descriptor_(descriptor), stop_(openedStop()), options_(options), line_(std::move(line)), end_(std::move(end)),
      thread_([this] {
          const char* why = readAll();
          end_(why);
      }) {}

LineReader::~LineReader() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(stop_, &one, sizeof(one));
    thread_.join();
    ::close(stop_);
}

void LineReader::done() {
    {
        std::lock_guard lock(mutex_);
        --ahead_;
    }
    wake_.notify_all();
}

// False when reading has to end.
bool LineReader::mayGive() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || ahead_ < options_.maxAhead; });
    if (!stopping_) ++ahead_;
    return !stopping_;
}

bool LineReader::waitForInput() const {
    std::array<pollfd, 2> both{{{descriptor_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) < 0)
        if (errno != EINTR) return false;
    return both[1].revents == 0;
}

// Gives the whole lines of `text` and leaves the rest; false when reading has to end.
bool LineReader::giveLines(std::string& text) {
    std::size_t at = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
        if (end - at > options_.maxLine) break; // it is told as the rest
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        if (!mayGive()) return false;
        line_(std::move(line));
    }
    text.erase(0, at);
    return true;
}

const char* LineReader::readAll() {
    std::string text;
    std::array<char, 65536> buffer{};
    while (waitForInput()) {
        const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return "the input cannot be read";
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (got == 0) text += '\n'; // the last line may lack its break
        if (!giveLines(text)) return "stopped";
        if (text.size() > options_.maxLine) return "a line is too long";
        if (got == 0) return "the input has ended";
    }
    return "stopped";
}

} // namespace gatehouse
