// A real pipe: what is written to one end is read at the other.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "support/notification.hpp"

namespace gatehouse::test {

class PipePair {
public:
    PipePair() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
        ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    }
    ~PipePair() {
        for (const int end : ends_)
            if (end >= 0) ::close(end);
    }
    PipePair(const PipePair&) = delete;
    PipePair& operator=(const PipePair&) = delete;

    int writeEnd() const { return ends_[1]; }
    int readEnd() const { return ends_[0]; } // does not block
    void closeWriteEnd() { ::close(std::exchange(ends_[1], -1)); }

    // Writes until not one byte more goes in; returns how many went.
    std::size_t fill() {
        ::fcntl(ends_[1], F_SETFL, O_NONBLOCK);
        std::size_t total = 0;
        for (const std::size_t piece : {std::size_t{4096}, std::size_t{1}})
            for (ssize_t done = 1; done > 0; total += done > 0 ? static_cast<std::size_t>(done) : 0)
                done = ::write(ends_[1], std::string(piece, '#').data(), piece);
        ::fcntl(ends_[1], F_SETFL, 0);
        return total;
    }

    // Everything that is there now.
    std::string readNow() {
        std::string text;
        std::array<char, 65536> buffer{};
        for (ssize_t got = 1; got > 0; text.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0))
            got = ::read(ends_[0], buffer.data(), buffer.size());
        return text;
    }

    // Reads on until `end` has come; what was read so far when it does not come.
    std::string readUntil(const std::string& end, std::chrono::milliseconds limit = generous) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        std::string text = readNow();
        while (text.find(end) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
            pollfd wait{ends_[0], POLLIN, 0};
            ::poll(&wait, 1, 100);
            text += readNow();
        }
        return text;
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

} // namespace gatehouse::test
