#include "http/message_parser.hpp"

#include <algorithm>

// Beast has assertions that a client can trigger (an empty chunked body that arrives byte by byte).
#define BOOST_DISABLE_ASSERTS
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "base/literal.hpp"
#include "http/byte_scan.hpp"
#include "http/framing.hpp"

namespace gatehouse::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

namespace {

constexpr std::size_t maxChunkLine = 1024; // chunk size and extensions
constexpr std::size_t maxTrailerBytes = 8 << 10;

std::string_view plain(beast::string_view text) { return {text.data(), text.size()}; }

// Beast asks for all of these; the ones that matter to a derived class are overridden there.
class QuietParser : public bhttp::basic_parser<true> {
protected:
    using Error = beast::error_code;
    void on_request_impl(bhttp::verb, beast::string_view, beast::string_view, int, Error&) override {}
    void on_response_impl(int, beast::string_view, int, Error&) override {}
    void on_field_impl(bhttp::field, beast::string_view, beast::string_view, Error&) override {}
    void on_header_impl(Error&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) override {}
    std::size_t on_body_impl(beast::string_view body, Error&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, Error&) override { return body.size(); }
    void on_finish_impl(Error&) override {}
};

class HeadParser final : public QuietParser {
public:
    HeadParser(RequestHead& out, std::size_t maxFields)
        : out_(out), maxFields_(std::min(maxFields, HeaderFields::most)) {}
    bool tooManyFields = false;

private:
    void on_request_impl(bhttp::verb, beast::string_view method, beast::string_view target, int version,
                         Error&) override {
        out_.method = plain(method);
        out_.target = plain(target);
        out_.http11 = version == 11;
    }
    void on_field_impl(bhttp::field, beast::string_view name, beast::string_view value, Error& ec) override {
        if (out_.fields.size() >= maxFields_) {
            tooManyFields = true;
            ec = bhttp::error::header_limit;
            return;
        }
        out_.fields.add({plain(name), plain(value)});
    }

    RequestHead& out_;
    const std::size_t maxFields_;
};

// Every LF follows a CR, every CR is followed by LF or is the last byte, no line begins with white space.
Refusal checkLines(std::string_view bytes, std::size_t at) {
    const auto isFolded = [&](std::size_t begin) {
        return begin < bytes.size() && (bytes[begin] == ' ' || bytes[begin] == '\t');
    };
    if (at > 0 && bytes[at - 1] == '\n' && isFolded(at)) return {400, "folded header line"};
    std::size_t ends = at < bytes.size() && bytes.back() == '\r' ? 1 : 0; // the last one's LF has still to come
    for (std::size_t end = bytes.find('\n', at); end != std::string_view::npos; end = bytes.find('\n', end + 1)) {
        if (end == 0 || bytes[end - 1] != '\r') return {400, "line not ended by CR LF"};
        if (isFolded(end + 1)) return {400, "folded header line"};
        ++ends;
    }
    return countOf(bytes.substr(at), '\r') == ends ? Refusal{} : Refusal{400, "line not ended by CR LF"};
}

// A version that is written rightly but not served: told as such, before the parser takes it for garbage.
Refusal checkVersion(std::string_view line) {
    const std::size_t mark = line.rfind(" HTTP/");
    const std::string_view version = mark == std::string_view::npos ? std::string_view() : line.substr(mark + 6);
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const bool wellWritten = version.size() == 3 && isDigit(version[0]) && version[1] == '.' && isDigit(version[2]);
    if (wellWritten && !is(version, "1.1") && !is(version, "1.0")) return {505, "HTTP version not supported"};
    return {};
}

} // namespace

Refusal checkHeadBytes(std::string_view bytes, std::size_t from) {
    if (isPlainHead(bytes, from)) return {};
    if (hasControls(bytes.substr(from))) return {400, "control character in the head"};
    return checkLines(bytes, from);
}

std::size_t endOfHead(std::string_view bytes, std::size_t from) {
    constexpr auto none = std::string_view::npos;
    for (std::size_t at = bytes.find('\n', from); at != none && at + 2 < bytes.size(); at = bytes.find('\n', at + 1))
        if (at > 0 && bytes[at - 1] == '\r' && bytes[at + 1] == '\r' && bytes[at + 2] == '\n') return at + 3;
    return none;
}

Refusal readHead(std::string_view bytes, const Limits& limits, RequestHead& out) {
    if (const Refusal refusal = checkVersion(bytes.substr(0, bytes.find("\r\n")))) return refusal;
    HeadParser parser(out, limits.fields);
    parser.header_limit(static_cast<std::uint32_t>(bytes.size() + 1));
    parser.body_limit(boost::none);
    parser.skip(false);
    beast::error_code error;
    parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
    if (parser.tooManyFields) return {431, "too many header fields"};
    if (error && error != bhttp::error::need_more) return {400, "malformed request head"};
    return checkFraming(bytes, out);
}

struct ChunkedBody::Parser final : QuietParser {
    explicit Parser(const Limits& limits) : limits_(limits) {
        body_limit(boost::none);
        header_limit(maxTrailerBytes);
    }
    // Brings Beast to where the body begins.
    void begin() {
        static constexpr std::string_view head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        Error error;
        put(boost::asio::const_buffer(head.data(), head.size()), error);
        eager(true);
    }

    std::string* body = nullptr;
    bool tooLarge = false;

private:
    void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions, Error& ec) override {
        if (extensions.size() > maxChunkLine / 4) ec = bhttp::error::bad_chunk_extension;
        if (size <= limits_.bodyBytes - std::min(limits_.bodyBytes, body->size())) return;
        tooLarge = true;
        ec = bhttp::error::body_limit;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view piece, Error&) override {
        body->append(piece.data(), piece.size());
        return piece.size();
    }
    const Limits& limits_;
};

ChunkedBody::ChunkedBody(const Limits& limits) : limits_(limits), parser_(std::make_unique<Parser>(limits)) {
    parser_->begin();
}

ChunkedBody::~ChunkedBody() = default;

ChunkedBody::Step ChunkedBody::parse(std::string_view bytes, std::string& body) {
    parser_->body = &body;
    Step step;
    while (!parser_->is_done()) {
        const std::string_view rest = bytes.substr(step.consumed);
        if (rest.empty()) break;
        beast::error_code error;
        const std::size_t taken = parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
        step.consumed += taken;
        if (parser_->tooLarge) step.refusal = {413, "body too large"};
        else if (error == bhttp::error::need_more) {
            if (bytes.size() - step.consumed > maxTrailerBytes) step.refusal = {400, "endless chunk line"};
            break;
        } else if (error) step.refusal = {400, "malformed chunked body"};
        if (step.refusal || taken == 0) break;
    }
    step.done = parser_->is_done();
    return step;
}

} // namespace gatehouse::http
