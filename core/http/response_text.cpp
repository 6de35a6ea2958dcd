#include "http/response_text.hpp"

#include <gatehouse/append_pieces.hpp>
#include <gatehouse/json_text.hpp>

#include "base/digits.hpp"

namespace gatehouse::http {

namespace {

// Of a head that keeps its connection, with its date and five digits of length; the rest is what a reply brings.
constexpr std::size_t frameBytes = 126;

void appendStatus(std::string& out, int status, std::string_view phrase, const AnswerFrame& frame) {
    const Digits number(status);
    appendPieces(out, "HTTP/1.1 ", number.view(), " ", phrase, "\r\n", frame.date,
                 "X-Content-Type-Options: nosniff\r\n", frame.common);
    if (!frame.keepAlive) appendPieces(out, "Connection: close\r\n");
}

void appendType(std::string& out, std::string_view contentType) {
    if (!contentType.empty()) appendPieces(out, "Content-Type: ", contentType, "\r\n");
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
        case 422: return "Unprocessable Content";
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
    const std::string_view phrase = reply.phrase.empty() ? reasonPhrase(reply.status) : reply.phrase;
    // At once, and no more: an idle connection keeps the room of its last answer.
    out.reserve(out.size() + frameBytes + phrase.size() + frame.common.size() + reply.contentType.size() +
                reply.headers.size() + reply.body.size());
    appendStatus(out, reply.status, phrase, frame);
    appendType(out, reply.contentType);
    out += reply.headers;
    const bool mayHaveBody =
        reply.status >= 200 && reply.status != 204 && reply.status != 304; // RFC 9110 section 6.4.1
    if (!mayHaveBody) return appendPieces(out, "\r\n");
    const std::string_view body = frame.bodyWanted ? reply.body : std::string_view();
    appendPieces(out, "Content-Length: ", Digits(reply.body.size()).view(), "\r\n\r\n", body);
}

void appendStreamHead(std::string& out, std::string_view contentType, std::string_view headers,
                      const AnswerFrame& frame) {
    appendStatus(out, 200, reasonPhrase(200), frame);
    appendType(out, contentType);
    out += headers;
    if (frame.chunked) out += "Transfer-Encoding: chunked\r\n";
    out += "\r\n";
}

void appendChunk(std::string& out, std::string_view piece) {
    appendPieces(out, Digits(piece.size(), 16).view(), "\r\n", piece, "\r\n");
}

} // namespace gatehouse::http
