// ParamHeaders: the arguments of a tool that clients repeat in Mcp-Param-* headers, as its inputSchema asks by
// x-mcp-header (MCP 2026-07-28 basic/transports/streamable-http).
// Threads: any; immutable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gatehouse/json.hpp>

#include "http/head.hpp"
#include "mcp/message/wire.hpp"

namespace gatehouse::mcp {

struct ParsedJson; // parsed_json.hpp

class ParamHeaders {
public:
    static constexpr std::size_t maxDepth = 32; // of properties within properties

    ParamHeaders() = default;
    // Throws std::runtime_error saying which x-mcp-header cannot be served: not a token of RFC 9110, there twice in any
    // case of letters, on something other than a string, integer or boolean, or not reachable through properties alone.
    explicit ParamHeaders(const Json& inputSchema);

    bool empty() const { return params_.empty(); }
    // -32020 unless each header is there once and says what the argument says.
    std::optional<RpcError> check(const http::RequestHead& head, const ParsedJson& arguments) const;

private:
    struct Param {
        std::string header; // with Mcp-Param-
        std::vector<std::string> path;
    };
    void collect(const Json& schema, std::vector<std::string>& path);
    void add(const Json& property, const Json& name, const std::vector<std::string>& path);

    std::vector<Param> params_;
};

} // namespace gatehouse::mcp
