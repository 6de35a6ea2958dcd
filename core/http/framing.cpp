#include "http/framing.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include <gatehouse/ascii.hpp>

#include "base/http_token.hpp"
#include "base/literal.hpp"
#include "http/byte_scan.hpp"

namespace gatehouse::http {

namespace {

// "METHOD SP target SP HTTP/1.x", with single spaces: nothing that another parser could split elsewhere.
Refusal checkRequestLine(std::string_view bytes, const RequestHead& head) {
    const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
    const std::size_t expected = head.method.size() + 1 + head.target.size() + 1 + 8;
    if (line.size() != expected) return {400, "malformed request line"};
    const std::string_view version = line.substr(line.size() - 8);
    if (!is(version.substr(0, 5), "HTTP/")) return {400, "malformed request line"};
    if (!isHttpToken(head.method)) return {400, "malformed method"};
    return {};
}

// "Transfer_Encoding", "Content--Length", ...: other parsers on the way may take them for the real ones.
bool mimicsFraming(std::string_view name) {
    if (name.size() < 13 || name.size() > 24 || (lowered(name[0]) != 't' && lowered(name[0]) != 'c')) return false;
    if (equalsIgnoringCase(name, "Content-Length") || equalsIgnoringCase(name, "Transfer-Encoding")) return false;
    std::string letters;
    for (const char c : name)
        if (isLetter(c)) letters += c;
    return equalsIgnoringCase(letters, "TransferEncoding") || equalsIgnoringCase(letters, "ContentLength");
}

// That a name is a token, and ends at its colon, the parser has seen.
Refusal checkNames(std::string_view bytes, const RequestHead& head) {
    if (countOf(bytes, '\n') != head.fields.size() + 2) return {400, "malformed header line"};
    for (const Field& field : head.fields) {
        if (mimicsFraming(field.name)) return {400, "a header that looks like a framing header"};
    }
    return {};
}

bool isHostChar(char c) { return isAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '%'; }

bool isPort(std::string_view text) {
    return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// host [":" port] of RFC 3986; a literal IPv6 address in brackets.
bool isAuthority(std::string_view text) {
    if (text.empty()) return false;
    std::size_t end = 0;
    if (text[0] == '[') {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos || close < 3) return false;
        const std::string_view inside = text.substr(1, close - 1);
        if (inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
        end = close + 1;
    } else {
        while (end < text.size() && isHostChar(text[end])) ++end;
        if (end == 0) return false;
    }
    return end == text.size() || (text[end] == ':' && isPort(text.substr(end + 1)));
}

Refusal checkHost(const RequestHead& head) {
    const auto host = head.fields.findOnly(HeaderName::host);
    if (!host && (head.http11 || head.fields.has(HeaderName::host))) return {400, "exactly one Host header is needed"};
    if (host && !isAuthority(*host)) return {400, "malformed Host header"};
    return {};
}

Refusal splitTarget(RequestHead& head) {
    for (const char c : head.target) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte >= 0x7F || c == '#' || c == '\\') return {400, "malformed request target"};
    }
    std::string_view rest = head.target;
    if (rest == "*" && head.method == "OPTIONS") {
        head.path = rest;
        return {};
    }
    if (rest.empty()) return {400, "malformed request target"};
    if (rest[0] != '/') { // absolute-form, RFC 9112 3.2.2
        const std::size_t scheme = equalsIgnoringCase(rest.substr(0, 7), "http://")    ? 7
                                   : equalsIgnoringCase(rest.substr(0, 8), "https://") ? 8
                                                                                       : 0;
        if (scheme == 0) return {400, "malformed request target"};
        const std::size_t slash = rest.find('/', scheme);
        const std::string_view authority =
            rest.substr(scheme, slash == std::string_view::npos ? slash : slash - scheme);
        const auto host = head.find(HeaderName::host);
        if (slash == std::string_view::npos || !host || !equalsIgnoringCase(authority, *host))
            return {400, "request target and Host differ"};
        rest.remove_prefix(slash);
    }
    const std::size_t mark = rest.find('?');
    head.path = rest.substr(0, mark);
    head.query = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
    return {};
}

Refusal readLengths(RequestHead& head) {
    const auto length = head.find(HeaderName::contentLength), encoding = head.find(HeaderName::transferEncoding);
    if (encoding && length) return {400, "Content-Length and Transfer-Encoding together"};
    if (head.fields.isRepeated(HeaderName::contentLength) || head.fields.isRepeated(HeaderName::transferEncoding))
        return {400, "a framing header is given twice"};
    if (encoding) {
        if (!head.http11) return {400, "Transfer-Encoding on HTTP/1.0"};
        if (!equalsIgnoringCase(*encoding, "chunked")) return {400, "unknown Transfer-Encoding"};
        head.chunked = true;
    }
    if (length) {
        const std::string_view text = *length;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), head.contentLength);
        if (text.empty() || error != std::errc() || end != text.data() + text.size())
            return {400, "malformed Content-Length"};
    }
    return {};
}

// True when `list`, a comma-separated list, has `word`.
bool listHas(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (equalsIgnoringCase(trimmed(list.substr(0, comma)), word)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

Refusal readConnection(RequestHead& head) {
    head.keepAlive = head.http11;
    if (!head.fields.has(HeaderName::connection) && !head.fields.has(HeaderName::expect)) return {};
    for (const Field& field : head.fields) {
        if (equalsIgnoringCase(field.name, "Connection")) {
            if (listHas(field.value, "close")) head.keepAlive = false;
            else if (!head.http11 && listHas(field.value, "keep-alive")) head.keepAlive = true;
        }
        if (equalsIgnoringCase(field.name, "Expect")) {
            if (!equalsIgnoringCase(field.value, "100-continue")) return {417, "unknown Expect"};
            head.expectsContinue = head.http11;
        }
    }
    return {};
}

} // namespace

Refusal checkFraming(std::string_view bytes, RequestHead& head) {
    if (auto refusal = checkRequestLine(bytes, head)) return refusal;
    if (auto refusal = checkNames(bytes, head)) return refusal;
    if (auto refusal = checkHost(head)) return refusal;
    if (auto refusal = splitTarget(head)) return refusal;
    if (auto refusal = readLengths(head)) return refusal;
    return readConnection(head);
}

} // namespace gatehouse::http
