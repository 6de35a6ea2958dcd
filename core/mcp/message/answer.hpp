// Writing the answer to one request onto its writer.
// Threads: one (the loop's).
#pragma once

#include <string>
#include <string_view>

#include "mcp/message/wire.hpp"
#include "mcp/transport/response_writer.hpp"

namespace gatehouse::mcp {

struct AnswerForm {
    std::string idText;
    std::string headers; // further header lines of a plain answer
};

// The result object of a modern answer: resultType, unless it has one, and the server's name and version, unless it has
// a _meta. `cached`: also ttlMs and cacheScope, for this caller alone and to be asked for anew.
std::string modernResult(std::string_view resultJson, bool hasMeta, bool hasResultType = false, bool cached = false);

void sendResult(ResponseWriter& writer, const AnswerForm& form, std::string_view resultJson);
void sendError(ResponseWriter& writer, const AnswerForm& form, const RpcError& error);

} // namespace gatehouse::mcp
