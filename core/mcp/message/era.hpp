// Era: which of the two protocols a request speaks, and whether its headers agree with its body.
//
// 2026-07-28 is stateless and names itself in each request's _meta; 2024-11-05 to 2025-11-25 have the handshake. The
// choice is made for each request (basic/versioning.mdx).
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/head.hpp"
#include "mcp/message/message.hpp"
#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

inline constexpr std::string_view newestLegacy = "2025-11-25";
inline constexpr std::string_view modernVersion = "2026-07-28";

// The two protocols that the server speaks.
enum class Era { legacy, modern };

bool isLegacyVersion(std::string_view version);
std::string supportedVersionsJson(); // an array, the newest first
bool isModernVersion(std::string_view version);

// By which rules the request is to be judged.
Era eraOf(const Message& message, const http::RequestHead* head);

// The modern header rules, in the order the specification needs: _meta, versions, Mcp-Method, Mcp-Name.
// Without headers (`head` null: stdio) only what the body says is judged.
std::optional<RpcError> checkModern(const Message& message, const http::RequestHead* head);
// MCP-Protocol-Version of the legacy era: absent, or one of its versions.
std::optional<RpcError> checkLegacy(const http::RequestHead& head);

// A header value that may be written =?base64?...?= ; nothing when that is malformed.
std::optional<std::string> decodedHeader(std::string_view value);

} // namespace gatehouse::mcp
