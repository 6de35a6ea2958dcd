// HeaderName: the header fields that are looked at in most requests, so that a head knows where they stand.
//
// Names without case, RFC 9110 5.1. Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::http {

enum class HeaderName : std::uint8_t {
    accept,
    connection,
    contentEncoding,
    contentLength,
    contentType,
    expect,
    host,
    mcpMethod,
    mcpName,
    mcpProtocolVersion,
    mcpSessionId,
    origin,
    transferEncoding,
    userAgent,
    other, // every other one
};

constexpr std::size_t headerNames = static_cast<std::size_t>(HeaderName::other);

HeaderName headerNameOf(std::string_view name);

} // namespace gatehouse::http
