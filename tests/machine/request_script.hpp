// The HTTP requests of a ConnectionMachine's peer: right ones, of every method, framing, size and version.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "machine/choices.hpp"

namespace gatehouse::test {

// A body that would be another request, if anyone took it for one.
inline std::string smuggled(std::size_t size) {
    constexpr std::string_view request = "POST /?number=999999 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    std::string out;
    out.reserve(size + request.size());
    while (out.size() < size) out += request;
    out.resize(size);
    return out;
}

inline std::string inChunks(const std::string& body, Choices& choices) {
    std::string out;
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t size = std::min<std::size_t>(body.size() - at, 1 + choices.below(20'000));
        char frame[32];
        std::snprintf(frame, sizeof(frame), "%zx\r\n", size);
        out.append(frame).append(body, at, size).append("\r\n");
        at += size;
    }
    return out + "0\r\n" + (choices.oneIn(4) ? "X-Trailer: t\r\n" : "") + "\r\n";
}

struct RequestText {
    std::string line; // and the header fields, without those of the framing
    std::string rest;
    bool hasBody = false;
};

// The request names its number, its body's size (X-Size), and ends its target with a letter.
inline RequestText requestText(Choices& choices, int number) {
    constexpr std::array<std::string_view, 4> methods{"GET", "POST", "HEAD", "POST"};
    constexpr std::array<std::string_view, 6> oddFields{
        "Connection: close\r\n",
        "Expect: 100-continue\r\n",
        "X-Long: 01234567890123456789012345678901234567890123456789\r\n",
        "Cookie: a=b\r\n",
        "Accept: */*\r\n",
        "X-Empty:\r\n"};
    constexpr std::array<std::uint32_t, 5> sizes{16, 300, 5'000, 70'000, 100'000};
    RequestText out;
    const std::string method(choices.of(methods));
    out.line = method + (choices.oneIn(16) ? " /unknown?number=" : " /?number=") + std::to_string(number);
    out.line += std::string("&mark=") + static_cast<char>('A' + choices.below(26));
    const bool old = choices.oneIn(12);
    out.line += old ? " HTTP/1.0\r\nHost: a\r\n" : " HTTP/1.1\r\nHost: a\r\n";
    while (choices.oneIn(4)) out.line += choices.of(oddFields);
    out.hasBody = method == "POST" || choices.oneIn(6);
    const std::uint32_t most = sizes[std::min({choices.below(5), choices.below(5), choices.below(5)})];
    const std::string body = out.hasBody ? smuggled(choices.below(most)) : std::string();
    out.line += "X-Size: " + std::to_string(body.size()) + "\r\n";
    if (!out.hasBody) out.rest = "\r\n";
    else if (!old && choices.oneIn(3)) out.rest = "Transfer-Encoding: chunked\r\n\r\n" + inChunks(body, choices);
    else out.rest = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return out;
}

} // namespace gatehouse::test
