-- What wrk sends in `make bench`. No request() or response() function is defined, so wrk formats
-- the request once and runs no Lua while it measures.
--
-- GATEHOUSE_BENCH_TOKEN  the bearer token; empty: no Authorization header
-- GATEHOUSE_BENCH_CALL   echo (default) | stream (answered as an event) | modern | ping | health |
--                        select | rows (of the sql backend)
-- By hand (-c64 or -c256):
-- GATEHOUSE_BENCH_TOKEN=... wrk -t1 -c64 -d5s --latency -s bench_echo.lua http://127.0.0.1:8080/mcp

local token = os.getenv("GATEHOUSE_BENCH_TOKEN") or ""
local call = os.getenv("GATEHOUSE_BENCH_CALL") or "echo"

local echo = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
    .. '{"name":"echo","arguments":{"text":"hello, gatehouse"}%s}}'
local modernMeta = ',"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
    .. '"io.modelcontextprotocol/clientCapabilities":{}}'

local query = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
    .. '{"name":"query_database","arguments":{"query":"%s"}}}'

local bodies = {
    echo = echo:format(""),
    stream = echo:format(""),
    modern = echo:format(modernMeta),
    select = query:format("select 1"),
    rows = query:format("select id, name from item"),
    ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}',
}

if call ~= "health" then
    wrk.method = "POST"
    wrk.body = bodies[call] or error("no such call: " .. call)
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/json, text/event-stream"
end
if call == "stream" then
    wrk.headers["Accept"] = "text/event-stream"
end
if call == "modern" then
    wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
    wrk.headers["Mcp-Method"] = "tools/call"
    wrk.headers["Mcp-Name"] = "echo"
end
if token ~= "" then
    wrk.headers["Authorization"] = "Bearer " .. token
end
