#include "base/log.hpp"

#include <string>

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <gatehouse/ascii.hpp>

#include "base/line_writer.hpp"
#include "base/redact.hpp"

namespace gatehouse {

namespace {

// spdlog formats; the LineWriter does the rest.
class WriterSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit WriterSink(std::shared_ptr<LineWriter> writer) : writer_(std::move(writer)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        std::string_view text(line.data(), line.size());
        if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
        writer_->write(text);
    }
    void flush_() override {}

    std::shared_ptr<LineWriter> writer_;
};

spdlog::level::level_enum levelOf(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

LineWriterOptions notOwned() {
    LineWriterOptions options;
    options.ownsDescriptor = false;
    return options;
}

} // namespace

Log::Log(int descriptor, LogLevel level)
    : level_(level), writer_(std::make_shared<LineWriter>(descriptor, notOwned())),
      logger_(std::make_unique<spdlog::logger>("gatehouse", std::make_shared<WriterSink>(writer_))) {
    logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger_->set_level(levelOf(level));
}

Log::Log(Sink sink, LogLevel level) : sink_(std::move(sink)), level_(level) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message) {
    if (!shows(level)) return;
    if (sink_) toSink(level, message);
    else logger_->log(levelOf(level), redacted(message));
}

// The sink is the program's own: a line is lost rather than the server.
void Log::toSink(LogLevel level, std::string_view line) const {
    try {
        sink_(level, redacted(line));
    } catch (...) {
    }
}

bool Log::shows(LogLevel level) const { return level >= level_; }

void Log::plain(std::string_view line) {
    if (sink_) toSink(LogLevel::info, line);
    else writer_->write(redacted(line));
}

void Log::flush() {
    if (writer_) writer_->flush(std::chrono::milliseconds(500));
}

std::uint64_t Log::dropped() const { return writer_ ? writer_->dropped() : 0; }

std::optional<LogLevel> logLevelFrom(std::string_view name) {
    const std::string lower = lowered(name);
    if (lower == "debug" || lower == "trace") return LogLevel::debug;
    if (lower == "info") return LogLevel::info;
    if (lower == "warning" || lower == "warn") return LogLevel::warning;
    if (lower == "error" || lower == "critical") return LogLevel::error;
    return std::nullopt;
}

const char* logLevelName(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::info: return "info";
        case LogLevel::warning: return "warning";
        case LogLevel::error: return "error";
    }
    return "info";
}

} // namespace gatehouse
