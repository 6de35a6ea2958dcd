#include "ops/audit.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>
#include <gatehouse/json_text.hpp>

#include "base/digits.hpp"
#include "base/redact.hpp"
#include "base/text_buffer.hpp"
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
template <class Begin>
void addMember(TextBuffer& line, const Begin& begin, std::string_view value) {
    if (value.empty()) return;
    if (isPlainInJson(value)) return line.add(begin, "\"", value, "\"");
    std::string escaped;
    appendJsonString(escaped, value);
    line.add(begin, escaped);
}

// What a client chose. Its token may stand there by mistake; what is short holds none.
template <class Begin>
void addTheirs(TextBuffer& line, const Begin& begin, std::string_view value) {
    constexpr std::size_t shown = 128, leastOfToken = 20;
    if (value.size() < leastOfToken) addMember(line, begin, value);
    else addMember(line, begin, std::string_view(withoutTokens(value)).substr(0, shown));
}

// With leading zeros.
struct ThreeDigits {
    explicit ThreeDigits(unsigned number) : text{digit(number / 100), digit(number / 10), digit(number)} {}
    std::string_view view() const { return {text, sizeof(text)}; }
    static char digit(unsigned number) { return static_cast<char>('0' + number % 10); }
    char text[3];
};

void addMillis(TextBuffer& line, std::chrono::nanoseconds took) {
    const auto micros =
        std::max(std::chrono::round<std::chrono::microseconds>(took), std::chrono::microseconds(0)).count();
    line.add(R"(,"ms":)", Digits(micros / 1000).view(), ".", ThreeDigits(static_cast<unsigned>(micros % 1000)).view());
}

void addAuditLine(TextBuffer& line, const AuditEvent& event, WallTime when) {
    const ThreeDigits millis(static_cast<unsigned>(when.time_since_epoch().count() % 1000));
    line.add(R"({"time":")", secondText(when), ".", millis.view(), "Z\"");
    addMember(line, R"(,"peer":)", event.peer);
    addMember(line, R"(,"subject":)", event.subject);
    addMember(line, R"(,"token_id":)", event.tokenId);
    addTheirs(line, R"(,"method":)", event.method);
    addTheirs(line, R"(,"name":)", event.name);
    addTheirs(line, R"(,"path":)", event.path);
    addTheirs(line, R"(,"client":)", event.client);
    addMember(line, R"(,"outcome":)", outcomeName(event.outcome));
    addMember(line, R"(,"reason":)", event.reason);
    if (event.httpStatus == 403) addMember(line, R"(,"detail":)", event.detail.substr(0, 256));
    line.add(R"(,"status":)", Digits(event.httpStatus).view());
    addMillis(line, event.took);
    line.add("}");
}

} // namespace

std::string auditLine(const AuditEvent& event, WallTime when) {
    TextBuffer line;
    addAuditLine(line, event, when);
    return std::string(line.view());
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
    thread_local TextBuffer line; // keeps its room
    line.clear();
    addAuditLine(line, event, clock_.wall());
    if (writer_) writer_->write(line.view());
    try {
        if (sink_) sink_(line.view());
    } catch (...) { // the program's own: a line is lost rather than an answer
    }
}

} // namespace gatehouse
