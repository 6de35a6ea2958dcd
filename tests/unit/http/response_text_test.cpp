#include "http/response_text.hpp"

#include <catch2/catch.hpp>

using namespace gatehouse::http;

namespace {

AnswerFrame frame() {
    AnswerFrame out;
    out.date = "Date: D\r\n";
    return out;
}

std::string written(const Reply& reply, const AnswerFrame& how) {
    std::string out;
    appendReply(out, reply, how);
    return out;
}

} // namespace

TEST_CASE("an answer that may have no body has none, whatever it was given") {
    for (const int status : {204, 304}) {
        std::string out;
        appendReply(out, {status, "text/plain", "HTTP/1.1 200 OK", "", false}, {});
        CHECK(out.substr(out.size() - 4) == "\r\n\r\n");
        CHECK(out.find("200 OK") == std::string::npos);
        CHECK(out.find("Content-Length") == std::string::npos);
    }
}

TEST_CASE("a reply is written with its length, type, date and further lines") {
    CHECK(written({200, "text/plain", "hello", "X: y\r\n", false}, frame()) ==
          "HTTP/1.1 200 OK\r\nDate: D\r\nX-Content-Type-Options: nosniff\r\nContent-Type: text/plain\r\nX: y\r\n"
          "Content-Length: 5\r\n\r\nhello");
}

TEST_CASE("a reply to HEAD tells the length and sends no body") {
    AnswerFrame how = frame();
    how.bodyWanted = false;
    const std::string text = written({404, "text/plain", "hello", "", false}, how);
    CHECK(text.find("Content-Length: 5\r\n") != std::string::npos);
    CHECK(text.substr(text.size() - 4) == "\r\n\r\n");
}

TEST_CASE("no type is told when there is no body, and no length for 204") {
    const std::string accepted = written({202, "", "", "", false}, frame());
    CHECK(accepted.find("Content-Type:") == std::string::npos);
    CHECK(accepted.find("Content-Length: 0\r\n") != std::string::npos);
    CHECK(written({204, "", "", "", false}, frame()).find("Content-Length") == std::string::npos);
}

TEST_CASE("the end of the connection is announced") {
    AnswerFrame how = frame();
    CHECK(written({200, "", "", "", false}, how).find("Connection:") == std::string::npos);
    how.keepAlive = false;
    CHECK(written({200, "", "", "", false}, how).find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("every status that we send has its phrase") {
    for (const int status :
         {200, 202, 204, 400, 401, 403, 404, 405, 406, 408, 413, 415, 417, 429, 431, 500, 503, 504, 505}) {
        DYNAMIC_SECTION(status) { CHECK(reasonPhrase(status) != "Status"); }
    }
    CHECK(reasonPhrase(299) == "Status");
}

TEST_CASE("a stream is chunked, except for HTTP/1.0") {
    AnswerFrame how = frame();
    std::string out;
    appendStreamHead(out, "text/event-stream", "X: y\r\n", how);
    CHECK(out.find("Transfer-Encoding: chunked\r\n\r\n") != std::string::npos);
    CHECK(out.find("Content-Type: text/event-stream\r\nX: y\r\n") != std::string::npos);
    CHECK(out.find("Content-Length") == std::string::npos);
    how.chunked = how.keepAlive = false;
    std::string old;
    appendStreamHead(old, "text/event-stream", "", how);
    CHECK(old.find("Transfer-Encoding") == std::string::npos);
    CHECK(old.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("a chunk has its size in hexadecimal") {
    std::string out;
    appendChunk(out, "hello");
    appendChunk(out, std::string(26, 'x'));
    CHECK(out == "5\r\nhello\r\n1a\r\n" + std::string(26, 'x') + "\r\n");
}
