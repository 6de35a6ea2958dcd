#include "mcp/transport/batch_writer.hpp"

#include <utility>

#include <gatehouse/json_members.hpp>

#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

Batch::Batch(http::Exchange& exchange, AnswerKind kind)
    : kind_(kind), writer_(std::make_shared<HttpResponseWriter>(exchange, kind)) {
    writer_->whenGone([] {});
}

void Batch::message(std::string_view json) { writer_->message(json); }

void Batch::answered(std::string_view json) {
    answers_ += answers_.empty() ? "" : ",";
    answers_ += json;
    ended();
}

void Batch::ended() {
    --open_;
    sendWhenWhole();
}

void Batch::complete() { ended(); }

// Nothing but notifications: accepted, without a body.
void Batch::sendWhenWhole() {
    if (open_ > 0) return;
    if (answers_.empty()) return writer_->end(nullptr);
    writer_->answer(200, "[" + answers_ + "]", "");
}

void BatchResponseWriter::message(std::string_view json) {
    if (batch_) batch_->message(json);
}

void BatchResponseWriter::answer(int, std::string_view json, std::string_view) {
    const auto batch = std::exchange(batch_, nullptr);
    if (!batch) return;
    if (!batch->isFull()) return batch->answered(json);
    std::string error; // the id stands in the answer, which is not kept
    appendError(error, jsonMember(json, "id"), {200, code::internalError, Batch::fullText, ""});
    batch->answered(error);
}

void BatchResponseWriter::end(const GateRefusal*) {
    if (const auto batch = std::exchange(batch_, nullptr)) batch->ended();
}

std::shared_ptr<ResponseWriter> BatchResponseWriter::keep() {
    return std::shared_ptr<ResponseWriter>(new BatchResponseWriter(std::exchange(batch_, nullptr), Moved{}));
}

} // namespace gatehouse::mcp
