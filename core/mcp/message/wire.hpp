// Writing JSON-RPC answers as text: results are spliced in as they stand.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::mcp {

// A JSON-RPC error with the HTTP status that goes with it.
struct RpcError {
    int httpStatus = 200;
    int code = -32603;
    std::string message;
    std::string dataJson;     // or empty
    std::string headers = {}; // further header lines
};

inline constexpr std::size_t maxUriBytes = 8 << 10; // of any URI in a message

namespace code {
inline constexpr int parseError = -32700;
inline constexpr int invalidRequest = -32600;
inline constexpr int methodNotFound = -32601;
inline constexpr int invalidParams = -32602;
inline constexpr int internalError = -32603;
inline constexpr int resourceNotFound = -32002;    // before 2026-07-28
inline constexpr int insufficientScope = -32003;   // ours, with HTTP 403
inline constexpr int exchangeRefused = -32004;     // ours, with HTTP 403
inline constexpr int exchangeUnavailable = -32005; // ours, with HTTP 503
inline constexpr int tooManyCalls = -32006;        // ours, with HTTP 429
inline constexpr int headerMismatch = -32020;      // 2026-07-28
inline constexpr int missingCapability = -32021;   // 2026-07-28
inline constexpr int unsupportedVersion = -32022;  // 2026-07-28
} // namespace code

// {"jsonrpc":"2.0","id":ID,"result":RESULT}
void appendResult(std::string& out, std::string_view idText, std::string_view resultJson);
// `idText` empty: the id could not be read, and is left out.
void appendError(std::string& out, std::string_view idText, const RpcError& error);
// {"jsonrpc":"2.0","method":METHOD,"params":PARAMS}
void appendNotification(std::string& out, std::string_view method, std::string_view paramsJson);
std::string notification(std::string_view method, std::string_view paramsJson);
// {"jsonrpc":"2.0","id":ID,"method":METHOD,"params":PARAMS}
std::string serverRequest(std::string_view idText, std::string_view method, std::string_view paramsJson);
// One event of an event stream, with an id unless that is empty.
void appendEvent(std::string& out, std::string_view json, std::string_view id = {});

} // namespace gatehouse::mcp
