// Audit: one JSON line for each event: who, what, outcome, reason, how long. Never a token.
//
// Lines are written off the loop; what cannot be written is dropped and counted.
// Threads: any.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/line_writer.hpp"
#include "base/telemetry.hpp"

namespace gatehouse {

class Audit {
public:
    explicit Audit(const Clock& clock) : clock_(clock) {}
    Audit(const std::string& file, const Clock& clock) : clock_(clock) { open(file); }

    // Before anything is written. `file`: appended to, made with mode 0600; "-" is standard output; empty writes
    // nothing. Throws std::system_error naming the file.
    void open(const std::string& file);
    // Lines go to `sink` as well, on the thread that decides; it must not block.
    void alsoTo(std::function<void(std::string_view line)> sink) { sink_ = std::move(sink); }

    void write(const AuditEvent& event);
    std::uint64_t dropped() const { return writer_ ? writer_->dropped() : 0; }

private:
    const Clock& clock_;
    std::unique_ptr<LineWriter> writer_;
    std::function<void(std::string_view line)> sink_;
};

// The line, without its break.
std::string auditLine(const AuditEvent& event, WallTime when);

} // namespace gatehouse
