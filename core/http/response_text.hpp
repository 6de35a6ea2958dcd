// Writing response heads (RFC 9112 section 4).
// Threads: any.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.hpp"

namespace gatehouse::http {

std::string_view reasonPhrase(int status);

struct AnswerFrame {
    std::string_view date;   // a whole "Date: ...\r\n" line
    std::string_view common; // whole lines of the handler's
    bool keepAlive = true;
    bool bodyWanted = true; // false for HEAD
    bool chunked = true;    // of a stream: false on HTTP/1.0, where closing ends it
};

void appendReply(std::string& out, const Reply& reply, const AnswerFrame& frame);
void appendStreamHead(std::string& out, std::string_view contentType, std::string_view headers,
                      const AnswerFrame& frame);
void appendChunk(std::string& out, std::string_view piece);

} // namespace gatehouse::http
