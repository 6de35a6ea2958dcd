#include "ops/audit.hpp"

#include <cerrno>
#include <charconv>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>
#include <gatehouse/json_text.hpp>

#include "base/time_text.hpp"

namespace gatehouse {

namespace {

LineWriterOptions optionsFor(bool owned) {
    LineWriterOptions options;
    options.maxQueuedBytes = 4 << 20;
    options.ownsDescriptor = owned;
    return options;
}

// "2026-11-21T05:00:00" of the last second asked for: it rarely changes from line to line.
std::string_view secondText(WallTime when) {
    thread_local std::int64_t second = -1;
    thread_local std::string text;
    const std::int64_t now = when.time_since_epoch().count() / 1000;
    if (now != second) {
        second = now;
        text = rfc3339(when).substr(0, 19);
    }
    return text;
}

// `begin`: the comma, the name and the colon.
void appendMember(std::string& line, std::string_view begin, std::string_view value) {
    if (value.empty()) return;
    line.append(begin);
    appendJsonString(line, value);
}

void appendMillis(std::string& line, std::chrono::nanoseconds took) {
    char text[32];
    const double millis = std::chrono::duration<double, std::milli>(took).count();
    const auto end = std::to_chars(text, text + sizeof(text), millis, std::chars_format::fixed, 3).ptr;
    line.append(R"(,"ms":)").append(text, static_cast<std::size_t>(end - text));
}

} // namespace

std::string auditLine(const AuditEvent& event, WallTime when) {
    std::string line;
    line.reserve(256);
    const auto millis = static_cast<unsigned>(when.time_since_epoch().count() % 1000);
    line.append(R"({"time":")").append(secondText(when)).append(".");
    for (const unsigned part : {millis / 100, millis / 10 % 10, millis % 10}) line += static_cast<char>('0' + part);
    line += "Z\"";
    appendMember(line, R"(,"peer":)", event.peer);
    appendMember(line, R"(,"subject":)", event.subject);
    appendMember(line, R"(,"token_id":)", event.tokenId);
    appendMember(line, R"(,"method":)", event.method.substr(0, 128));
    appendMember(line, R"(,"name":)", event.name.substr(0, 128));
    appendMember(line, R"(,"path":)", event.path.substr(0, 128));
    appendMember(line, R"(,"client":)", event.client.substr(0, 128));
    appendMember(line, R"(,"outcome":)", outcomeName(event.outcome));
    appendMember(line, R"(,"reason":)", event.reason);
    if (event.httpStatus == 403) appendMember(line, R"(,"detail":)", event.detail.substr(0, 256));
    line.append(R"(,"status":)").append(std::to_string(event.httpStatus));
    appendMillis(line, event.took);
    line += '}';
    return line;
}

void Audit::open(const std::string& file) {
    if (file.empty()) return;
    if (file == "-") {
        writer_ = std::make_unique<LineWriter>(STDOUT_FILENO, optionsFor(false));
        return;
    }
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "audit.file: cannot write " + file);
    writer_ = std::make_unique<LineWriter>(descriptor, optionsFor(true));
}

void Audit::write(const AuditEvent& event) {
    if (!writer_ && !sink_) return;
    const std::string line = auditLine(event, clock_.wall());
    if (writer_) writer_->write(line);
    try {
        if (sink_) sink_(line);
    } catch (...) { // the program's own: a line is lost rather than an answer
    }
}

} // namespace gatehouse
