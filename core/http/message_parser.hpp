// MessageParser: Boost.Beast's parser with our own sinks. It reads a head into a RequestHead and, for a chunked body,
// decodes the chunks. What Beast would let through in more than one reading is refused here and in framing.hpp.
//
// Threads: one. Tested by tests/unit/http/message_parser_test.cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/head.hpp"
#include "http/limits.hpp"

namespace gatehouse::http {

// Why a message is refused; `status` 0 means: not refused.
struct Refusal {
    int status = 0;
    const char* reason = "";
    explicit operator bool() const { return status != 0; }
};

// Judges the bytes of a head that has not necessarily arrived whole: control characters, bare CR or LF, folded lines.
// `from` is where an earlier look at the same bytes ended; never between a CR and what follows it.
Refusal checkHeadBytes(std::string_view bytes, std::size_t from);

// Where a head ends, behind its empty line; npos: not yet. No line that ends before `from` is the one before that.
std::size_t endOfHead(std::string_view bytes, std::size_t from);

// Reads a whole head (up to and with its empty line). The views of `out` point into `bytes`.
Refusal readHead(std::string_view bytes, const Limits& limits, RequestHead& out);

// Decodes a chunked body that comes in pieces. Trailer fields are read and thrown away (RFC 9110 6.5.1).
class ChunkedBody {
public:
    explicit ChunkedBody(const Limits& limits);
    ~ChunkedBody();

    struct Step {
        std::size_t consumed = 0;
        bool done = false;
        Refusal refusal;
    };
    // Takes what it can of `bytes` and appends the decoded part to `body`.
    Step parse(std::string_view bytes, std::string& body);

private:
    struct Parser;
    const Limits& limits_;
    std::unique_ptr<Parser> parser_;
};

} // namespace gatehouse::http
