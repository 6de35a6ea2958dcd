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

// What becomes the result object of a modern answer: resultType is added, unless it has one, and the server's name and
// version, unless it has a _meta. `isCached`: also ttlMs and cacheScope, for this caller alone and to be asked for
// anew.
struct PlainResult {
    std::string_view json;
    bool hasMeta = false, hasResultType = false, isCached = false;
};
std::string modernResult(const PlainResult& result);

void sendModernResult(ResponseWriter& writer, const AnswerForm& form, const PlainResult& result);
void sendResult(ResponseWriter& writer, const AnswerForm& form, std::string_view resultJson);
void sendError(ResponseWriter& writer, const AnswerForm& form, const RpcError& error);

} // namespace gatehouse::mcp
