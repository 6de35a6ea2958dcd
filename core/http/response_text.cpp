#include "http/response_text.hpp"

#include <array>
#include <charconv>

#include <gatehouse/json_text.hpp>

namespace gatehouse::http {

namespace {

void appendNumber(std::string& out, std::size_t number, int base) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void appendStatus(std::string& out, int status, std::string_view phrase, const AnswerFrame& frame) {
    out += "HTTP/1.1 ";
    appendNumber(out, static_cast<std::size_t>(status), 10);
    out += ' ';
    out += phrase.empty() ? reasonPhrase(status) : phrase;
    out += "\r\n";
    out += frame.date;
    out += "X-Content-Type-Options: nosniff\r\n";
    out += frame.common;
    if (!frame.keepAlive) out += "Connection: close\r\n";
}

void appendType(std::string& out, std::string_view contentType) {
    if (contentType.empty()) return;
    out += "Content-Type: ";
    out += contentType;
    out += "\r\n";
}

} // namespace

std::string plainRefusal(std::string_view why) {
    std::string body = R"({"error":)";
    appendJsonString(body, why);
    body += '}';
    return body;
}

std::string Handler::refusalBody(int /*status*/, std::string_view why) const { return plainRefusal(why); }

std::string_view reasonPhrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 507: return "Insufficient Storage";
        case 505: return "HTTP Version Not Supported";
        default: return "Status";
    }
}

void appendReply(std::string& out, const Reply& reply, const AnswerFrame& frame) {
    appendStatus(out, reply.status, reply.phrase, frame);
    appendType(out, reply.contentType);
    out += reply.headers;
    const bool mayHaveBody =
        reply.status >= 200 && reply.status != 204 && reply.status != 304; // RFC 9110 section 6.4.1
    if (mayHaveBody) {
        out += "Content-Length: ";
        appendNumber(out, reply.body.size(), 10);
        out += "\r\n";
    }
    out += "\r\n";
    if (frame.bodyWanted && mayHaveBody) out += reply.body;
}

void appendStreamHead(std::string& out, std::string_view contentType, std::string_view headers,
                      const AnswerFrame& frame) {
    appendStatus(out, 200, "", frame);
    appendType(out, contentType);
    out += headers;
    if (frame.chunked) out += "Transfer-Encoding: chunked\r\n";
    out += "\r\n";
}

void appendChunk(std::string& out, std::string_view piece) {
    appendNumber(out, piece.size(), 16);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

} // namespace gatehouse::http
