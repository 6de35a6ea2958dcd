// A log that keeps its lines in memory.
#pragma once

#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "base/log.hpp"

namespace gatehouse::test {

class KeptLog {
public:
    explicit KeptLog(LogLevel level = LogLevel::debug)
        : descriptor_(::memfd_create("log", MFD_CLOEXEC)), log(descriptor_, level) {}
    KeptLog(const KeptLog&) = delete;
    KeptLog& operator=(const KeptLog&) = delete;

    std::string text() { // everything written so far
        log.flush();
        std::string out(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_CUR)), '\0');
        const ssize_t got = ::pread(descriptor_, out.data(), out.size(), 0);
        out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return out;
    }

private:
    const int descriptor_; // lives as long as the process: the log writes to it until its end
public:
    Log log;
};

} // namespace gatehouse::test
