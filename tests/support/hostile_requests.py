"""What a hostile crowd does to plain HTTP: requests of every kind, cut in every place, and peers that behave badly.

Each function is one act (hostile_crowd.Act) of its own.
"""

import json
import time

from http_wire import ConnectionEnded, chunked, request_bytes

METHODS = ["GET", "POST", "POST", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "CONNECT", "BREW", "post", "P ST",
           "M" * 3000, "\x01"]
PATHS = ["/mcp", "/mcp", "/mcp", "/mcp/", "/mcp/v1", "/mcp/initialize", "/mcp/sse", "/sse", "/messages", "/messages?session=",
         "/health", "/ready", "/metrics", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",
         "/nothing", "/", "*", "//mcp", "/mcp?x=y", "/%6dcp", "http://localhost/mcp", "/" + "a" * 5000, "/mcp/../health"]
LIMIT = 4 << 20
BLANKS = b" " * (LIMIT + 4096)
SIZES = [0, 0, 1, 2, 100, 1000, 20_000, 300_000, LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 4000]
NONSENSE = [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}" * 50, b"[" * 3000, b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"2.0","id":1}',
            b'{"jsonrpc":"2.0","id":{},"method":1}', b'{"jsonrpc":"2.0","method":"ping","method":"ping","id":1}']


def texts_of(act):
    """The tool that answers what it is told, and its arguments with a text that bears the member's mark."""
    text = act.mark + "t" * act.dice.choice((0, 1, 30, 1000, 60_000))
    if act.server.settings["backend"]["plugin"] == "echo":
        return "echo", {"text": text}
    return act.dice.choice((("greet", {"name": text}), ("json_schema_2020_12_tool", {"email": text})))


def some_message(act):
    """One message, mostly a right one."""
    name, arguments = texts_of(act)
    method, params = act.dice.choice((
        ("tools/call", {"name": name, "arguments": arguments}), ("tools/call", {"name": name, "arguments": arguments}),
        ("tools/call", {"name": "nothing", "arguments": arguments}), ("tools/list", {}), ("ping", {}), ("resources/list", {}),
        ("prompts/get", {"name": "test_simple_prompt"}), ("resources/read", {"uri": "test://static-text"}),
        ("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": act.mark, "version": "1"}}),
        ("server/discover", {}), ("notifications/initialized", {}), ("no/such", {"x": act.mark})))
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if not method.startswith("notifications/"):
        message["id"] = act.next_id()
    return message


def some_body(act):
    if act.chance(0.25):
        return act.dice.choice(NONSENSE)
    message = some_message(act)
    if act.chance(0.1):
        message = [message] + [some_message(act) for _ in range(act.dice.randrange(0, 20))]
    body = json.dumps(message).encode()
    size = act.dice.choice(SIZES) if act.chance(0.2) else 0
    return body + BLANKS[:max(0, size - len(body))]


def spoilt(act, data):
    """Some bytes of the head are others, missing or twice."""
    out = bytearray(data)
    for _ in range(act.dice.randrange(1, 4)):
        at = act.dice.randrange(min(len(out), 400)) if out else 0
        what = act.dice.randrange(3)
        if what == 0 and out:
            out[at] = act.dice.randrange(256)
        elif what == 1:
            out[at:at] = bytes([act.dice.randrange(256)])
        elif out:
            del out[at]
    return bytes(out)


def some_request(act):
    """Method and bytes of one request, right or not."""
    method, path = act.dice.choice(METHODS), act.dice.choice(PATHS)
    if path.endswith("session="):
        path += act.board.guess(act.dice, "places")
    fields = act.fields()
    body = some_body(act) if method not in ("GET", "HEAD") or act.chance(0.1) else b""
    if act.chance(0.2):
        name = act.dice.choice(("Origin", "Host", "Connection", "Content-Encoding", "Content-Type", "Mcp-Session-Id",
                                "MCP-Protocol-Version", "Last-Event-ID", "X-Forwarded-For", "Upgrade", "Expect"))
        fields[name] = act.dice.choice(("http://evil.example", "localhost", "close", "gzip", "text/plain", "", "2025-11-25",
                                        "1-1", "10.0.0.1", "websocket", "100-continue", "keep-alive, upgrade"))
    act.note(f"{method[:10]!r} {path[:40]!r} with {len(body)} bytes, {'with' if 'Authorization' in fields else 'no'} token")
    return method, request_bytes(method, path, fields, body, host=act.server.authority)


def one_request(act):
    """Any request, perhaps spoilt or cut somewhere, its answer read or not."""
    method, data = some_request(act)
    if act.chance(0.1):
        data = spoilt(act, data)
    wire = act.connect()
    if act.chance(0.3):
        cut = act.dice.randrange(len(data) + 1)
        act.note(f"cut at {cut} of {len(data)}")
        act.send(wire, data[:cut])
        time.sleep(act.dice.choice((0, 0, 0.01, 0.2)))
        if act.chance(0.3):
            wire.send_what_it_takes(data[cut:])
        return act.leave(wire)
    act.send(wire, data)
    if act.chance(0.8):
        act.judge(wire.reply(method))
    return act.leave(wire)


def pipeline(act):
    """Many requests in one piece; as many answers as come are read, or none."""
    requests = [some_request(act) if act.chance(0.3) else ("POST", call(act)) for _ in range(act.dice.randrange(2, 30))]
    wire = act.connect()
    wire.send_what_it_takes(b"".join(data for _, data in requests))
    act.crowd.count("requests", len(requests))
    for method, _ in requests[:act.dice.randrange(len(requests) + 1)]:
        reply = act.judge(wire.reply(method))
        if (reply.header("connection") or "").lower() == "close":
            break
    act.leave(wire)


def call(act, right=1.0, **more):
    """The bytes of one right call."""
    name, arguments = texts_of(act)
    message = {"jsonrpc": "2.0", "id": act.next_id(), "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    return request_bytes("POST", "/mcp", act.fields(right, **more), json.dumps(message).encode(), host=act.server.authority)


def chunks(act):
    """A chunked body, whole, broken or with no end."""
    body = some_body(act)[:200_000]
    data = chunked(body, act.dice.choice((1000, 7, 65536)) if len(body) < 5000 else 8192,
                   act.dice.choice((b"", b"X-Trailer: 1\r\n", b"Authorization: Bearer x\r\n")))
    way = act.dice.choice(("whole", "whole", "cut", "spoilt", "no end", "size"))
    act.note(f"chunks: {way}, {len(data)} bytes")
    if way == "cut":
        data = data[:act.dice.randrange(len(data))]
    elif way == "spoilt":
        data = spoilt(act, data)
    elif way == "no end":
        data = data[:-5]
    elif way == "size":
        data = act.dice.choice((b"ffffffffffffffff\r\n", b"-1\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"5;" + b"e" * 20_000)) + data
    head = request_bytes("POST", "/mcp", act.fields(Transfer_Encoding="chunked"), host=act.server.authority)
    wire = act.connect()
    act.send(wire, head)
    at = 0
    while at < len(data):  # in pieces, so that chunks are cut anywhere
        step = act.dice.choice((1, 3, 50, 4096, 65536)) if at < 500 else 65536
        wire.send(data[at:at + step])
        at += step
    if way in ("whole", "spoilt", "size") and act.chance(0.8):
        act.judge(wire.reply())
    act.leave(wire)


def wrong_length(act):
    """A Content-Length that is none, too small, too large, or there twice."""
    body = some_body(act)[:5000]
    value = act.dice.choice((len(body) + 1, max(0, len(body) - 1), 0, -1, "1e3", "0x10", 1 << 40, 1 << 70, LIMIT + 1, "5, 6", ""))
    fields = list(act.fields().items()) + [("Content-Length", value)]
    if act.chance(0.2):
        fields.append(("Content-Length", len(body)))
    act.note(f"Content-Length {value!r} for {len(body)} bytes")
    wire = act.connect(timeout=1.0)
    act.send(wire, request_bytes("POST", "/mcp", fields, body, host=act.server.authority))
    if act.chance(0.7):
        act.judge(wire.reply())
    act.leave(wire)


def expect(act):
    """Expect: 100-continue, and then a body or none, before the server says so or after."""
    body = some_body(act)
    fields = act.fields(Expect=act.dice.choice(("100-continue", "100-continue", "nonsense")), Content_Length=str(len(body)))
    wire = act.connect(timeout=2.0)
    act.send(wire, request_bytes("POST", "/mcp", fields, host=act.server.authority))
    if act.chance(0.5):
        act.crowd.count(f"status {wire.head().status}")
    if act.chance(0.7):
        wire.send_what_it_takes(body[:act.dice.randrange(len(body) + 1)] if act.chance(0.2) else body)
        act.judge(wire.reply())
    act.leave(wire)


def refused_and_goes_on(act):
    """A request that is refused at its head, whose sender goes on sending for longer than anybody wants."""
    head = act.dice.choice((
        request_bytes("POST", "/mcp", {"Content-Type": "application/json", "Content-Length": LIMIT}, host=act.server.authority),
        request_bytes("POST", "/mcp", {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}, host=act.server.authority),
        request_bytes("POST", "/mcp", act.fields(1.0, Content_Length=str(1 << 40)), host=act.server.authority),
        request_bytes("POST", "/nothing", act.fields(1.0, Content_Length=str(LIMIT)), host=act.server.authority),
        request_bytes("POST", "/mcp", act.fields(1.0, Content_Length=str(LIMIT)), host="evil.example"),
        b"\x01\r\n\r\n", b"POST /mcp HTTP/1.1\r\n" + b"X: y\r\n" * 5000))
    wire = act.connect()
    act.send(wire, head)
    for _ in range(act.dice.randrange(1, 12)):
        wire.send(BLANKS[:500_000])
        if act.chance(0.2):
            time.sleep(0.02)
    act.leave(wire)


def takes_nothing(act):
    """Asks for much and reads none of it, or only a little."""
    wire = act.connect(rcvbuf=1024)
    wire.send_what_it_takes(b"".join(call(act) for _ in range(act.dice.randrange(1, 25))))
    act.crowd.count("requests")
    act.crowd.over.wait(act.dice.random() * 3)
    if act.chance(0.3):
        wire.socket.recv(100)
    act.leave(wire)


def drips(act):
    """A request that comes byte by byte and is never whole, or is at last."""
    _, data = some_request(act)
    data = data[:act.dice.choice((15, 100, 400))]
    wire = act.connect()
    act.crowd.count("requests")
    limit = time.monotonic() + act.dice.random() * 3
    for at in range(len(data)):
        wire.send(data[at:at + 1])
        if time.monotonic() > limit or act.crowd.over.wait(0.02):
            break
    act.leave(wire)


def opens_only(act):
    """Connections that say nothing."""
    for _ in range(act.dice.randrange(1, 6)):
        act.leave(act.connect())


def flood_of_calls(act):
    """Right calls one after another on one connection: the member is a good client for once."""
    wire = act.connect()
    for _ in range(act.dice.randrange(5, 30)):
        act.send(wire, call(act))
        reply = act.judge(wire.reply())
        if reply.status == 200 and act.mark.encode() not in reply.body and b"event-stream" not in reply.body:
            act.crowd.violation(act, f"an answer to somebody else: {reply!r}")
        if (reply.header("connection") or "").lower() == "close":
            break
    act.leave(wire)


def everything_at_once(act):
    """Junk of any bytes."""
    wire = act.connect(timeout=1.0)
    act.send(wire, act.dice.randbytes(act.dice.choice((1, 20, 2000, 100_000))))
    try:
        act.judge_text(wire.rest(0.5))
    except ConnectionEnded:
        pass
    act.leave(wire)


PLAIN_ACTS = {one_request: 30, pipeline: 8, chunks: 10, wrong_length: 8, expect: 6, refused_and_goes_on: 4, takes_nothing: 4,
              drips: 3, opens_only: 2, flood_of_calls: 8, everything_at_once: 2}
