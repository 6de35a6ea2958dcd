// ResponseReader: takes apart what a server wrote on one connection, strictly: a sequence of whole responses, of which
// the last may be cut. Anything else is a broken invariant.
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "machine/invariant.hpp"

namespace gatehouse::test {

struct ReadResponse {
    int status = 0;
    std::string head;
    std::string body;     // without its chunks' frames
    bool isWhole = false; // false: the bytes end within it
    bool closes = false;  // it says that the connection ends
};

class ResponseReader {
public:
    // Whether a response with this head answers a HEAD request, so that `rest` is not its body.
    using IsHead = std::function<bool(const std::string& head, std::string_view rest)>;
    explicit ResponseReader(IsHead isHead) : isHead_(std::move(isHead)) {}

    // Takes the next response off `bytes`; false when there is none. Interim ones (100) are passed over.
    bool next(std::string_view& bytes, ReadResponse& out) const {
        while (!bytes.empty()) {
            const std::size_t end = bytes.find("\r\n\r\n");
            if (end == std::string_view::npos) return bytes = {}, false; // a head that was cut
            out = ReadResponse{};
            out.head.assign(bytes.substr(0, end + 2));
            bytes.remove_prefix(end + 4);
            invariant(out.head.compare(0, 7, "HTTP/1.") == 0, "a response begins with its status line");
            out.status = std::stoi(out.head.substr(9, 3));
            if (out.status == 100) continue;
            out.closes = field(out.head, "Connection") == "close";
            readBody(bytes, out);
            return true;
        }
        return false;
    }
    static std::string field(const std::string& head, const std::string& name) {
        const std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos) return {};
        const std::size_t from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }

private:
    void readBody(std::string_view& bytes, ReadResponse& out) const {
        const std::string length = field(out.head, "Content-Length");
        out.isWhole = true;
        if (isHead_(out.head, bytes) || out.status == 204) return;
        if (field(out.head, "Transfer-Encoding") == "chunked") return readChunks(bytes, out);
        if (length.empty()) { // to the end of the connection
            invariant(out.closes, "a body without a length ends with its connection");
            out.body = std::exchange(bytes, {});
            return;
        }
        const std::size_t size = std::stoul(length);
        out.isWhole = bytes.size() >= size;
        out.body = bytes.substr(0, size);
        bytes.remove_prefix(std::min(size, bytes.size()));
    }
    static void readChunks(std::string_view& bytes, ReadResponse& out) {
        out.isWhole = false;
        while (!out.isWhole) {
            const std::size_t line = bytes.find("\r\n");
            if (line == std::string_view::npos) return bytes = {}, void();
            std::size_t size = 0;
            const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + line, size, 16);
            invariant(error == std::errc() && end == bytes.data() + line, "a chunk begins with its size");
            bytes.remove_prefix(line + 2);
            out.body += bytes.substr(0, size);
            if (bytes.size() < size + 2) return bytes = {}, void();
            invariant(bytes.substr(size, 2) == "\r\n", "a chunk ends with CR LF");
            bytes.remove_prefix(size + 2);
            out.isWhole = size == 0;
        }
    }
    const IsHead isHead_;
};

} // namespace gatehouse::test
