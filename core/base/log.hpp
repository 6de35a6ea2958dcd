// Log: what the operator reads on standard error. Lines are redacted, never block the caller, and are dropped and
// counted when they are not read.
// Threads: any.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <gatehouse/host.hpp>

namespace spdlog {
class logger;
}

namespace gatehouse {

class LineWriter;

class Log {
public:
    using Sink = std::function<void(LogLevel, std::string_view line)>; // any thread; must not block

    // Takes the descriptor for writing but does not close it.
    Log(int descriptor, LogLevel level);
    // Lines go to `sink`, redacted, without time and level.
    Log(Sink sink, LogLevel level);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void write(LogLevel level, std::string_view message);
    bool shows(LogLevel level) const; // lines of that level are written
    void debug(std::string_view message) { write(LogLevel::debug, message); }
    void info(std::string_view message) { write(LogLevel::info, message); }
    void warning(std::string_view message) { write(LogLevel::warning, message); }
    void error(std::string_view message) { write(LogLevel::error, message); }

    // A line without time and level, whatever the level is: what scripts and people wait for at the start.
    void plain(std::string_view line);
    void flush(); // at most half a second
    std::uint64_t dropped() const;

private:
    void toSink(LogLevel level, std::string_view line) const;
    const Sink sink_;
    const LogLevel level_;
    std::shared_ptr<LineWriter> writer_;     // null: there is a sink
    std::unique_ptr<spdlog::logger> logger_; // likewise
};

// "debug", "info", "warning" (or "warn"), "error", in any case.
std::optional<LogLevel> logLevelFrom(std::string_view name);
const char* logLevelName(LogLevel level);

} // namespace gatehouse
