// Batches of 2025-03-26: several messages in one POST, whose answers go out together as one array. Answers beyond
// `maxBytes` are replaced by errors; a batch that is full begins no further message.
// Source: MCP 2025-03-26 basic/transports; JSON-RPC 2.0 section 6.
// Threads: one (the loop's).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "mcp/transport/response_writer.hpp"

namespace gatehouse::mcp {

class Batch {
public:
    static constexpr std::size_t maxBytes = 8u << 20; // of all answers
    static constexpr const char* fullText = "The answers of this batch are too large";

    Batch(http::Exchange& exchange, AnswerKind kind);

    void begun() { ++open_; }
    void answered(std::string_view json);
    bool isFull() const { return answers_.size() >= maxBytes; }
    void ended();
    void message(std::string_view json);
    bool acceptsMessages() const { return kind_.canStream(); }
    void complete(); // no further message comes

private:
    void sendWhenWhole();

    const AnswerKind kind_;
    const std::shared_ptr<ResponseWriter> writer_;
    std::string answers_;  // joined by commas
    std::size_t open_ = 1; // messages without an answer, and the batch itself until it is complete
};

// The way of one message's answer into its batch.
class BatchResponseWriter final : public ResponseWriter {
public:
    explicit BatchResponseWriter(std::shared_ptr<Batch> batch) : batch_(std::move(batch)) { batch_->begun(); }
    ~BatchResponseWriter() override { end(nullptr); }
    BatchResponseWriter(const BatchResponseWriter&) = delete;
    BatchResponseWriter& operator=(const BatchResponseWriter&) = delete;

    bool acceptsMessages() const override { return batch_ && batch_->acceptsMessages(); }
    void message(std::string_view json) override;
    void answer(int httpStatus, std::string_view json, std::string_view headers) override;
    void end(const GateRefusal* why) override;
    void whenGone(std::function<void()>) override {} // a batch is of the legacy era: a lost connection cancels nothing
    std::shared_ptr<ResponseWriter> keep() override;

private:
    struct Moved {};
    BatchResponseWriter(std::shared_ptr<Batch> batch, Moved) : batch_(std::move(batch)) {}
    std::shared_ptr<Batch> batch_; // null once answered
};

} // namespace gatehouse::mcp
