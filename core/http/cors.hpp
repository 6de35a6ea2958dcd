// Cors: which web pages may read our answers (Fetch standard, CORS protocol). A page on an allowed origin may send what
// MCP needs and read what it needs; every other page gets no word of permission, so its browser shows it nothing.
//
// Credentials of the browser (cookies) are never asked for: a page brings its token in a header.
//
// Threads: any; immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/head.hpp"

namespace gatehouse::http {

class Cors {
public:
    static constexpr std::size_t maxRequestedNames = 32; // of a preflight's header names that are looked at

    // `origins`: whole origins such as https://app.example. `requestHeaders`: what pages may send beside MCP's own.
    // `methods`: what pages may send, a list as the header wants it.
    explicit Cors(std::vector<std::string> origins = {}, const std::vector<std::string>& requestHeaders = {},
                  std::string methods = "GET, POST, DELETE");

    // Lines of every answer to this request, each ended by CR LF; empty where no origin is allowed at all.
    std::string linesFor(const RequestHead& head) const;
    // A browser asks for an allowed page whether it may send a request.
    bool isPreflight(const RequestHead& head) const;
    // Further lines of the answer to it.
    std::string preflightLines(const RequestHead& head) const;

private:
    bool allows(const RequestHead& head) const;
    std::vector<std::string> origins_;
    std::string allowedHeaders_; // a list, as the header wants it
    std::string methods_;        // likewise
};

} // namespace gatehouse::http
