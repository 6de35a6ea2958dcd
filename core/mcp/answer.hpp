// Answer: how the answer to one request goes out, JSON or event stream, legacy or modern, exactly once.
// Threads: one (the loop's).
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"
#include "mcp/wire.hpp"

namespace gatehouse::mcp {

struct AnswerForm {
    bool modern = false;
    bool asStream = false;  // the client takes event streams only
    bool mayStream = false; // the client takes both: notifications turn the answer into a stream
    std::string idText;
    std::string headers; // further header lines of a JSON answer
};

// The result object of a modern answer: resultType, unless it has one, and who we are, unless it has a _meta.
std::string modernResult(std::string_view resultJson, bool hasMeta, bool hasResultType = false);

void sendResult(http::Exchange& exchange, const AnswerForm& form, std::string_view resultJson);
void sendError(http::Exchange& exchange, const AnswerForm& form, const RpcError& error);
// A notification before the answer: opens the stream when there is none yet; dropped when the client takes none.
void sendNotification(http::Exchange& exchange, AnswerForm& form, bool& streamOpen, std::string_view json);

void openEventStream(http::Exchange& exchange, std::string_view headers);

} // namespace gatehouse::mcp
