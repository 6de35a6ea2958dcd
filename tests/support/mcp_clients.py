"""Clients of both eras, as far as tests need them: a legacy session, a modern client, an answer under way.

    session = LegacySession(server, capabilities={"elicitation": {}})
    call = session.open("tools/call", {"name": "test_elicitation", "arguments": {"message": "Who?"}})
    session.respond(call.message(), {"action": "accept", "content": {...}})
    text = text_of(call.answer()["result"])

Threads: an OpenRequest belongs to one thread; the clients may be shared.
"""

import json

from gatehouse_server import MODERN
from http_wire import EventStream, request_bytes

PREFIX = "io.modelcontextprotocol/"
TASKS = PREFIX + "tasks"
SUBSCRIPTION = PREFIX + "subscriptionId"
NEWEST_LEGACY = "2025-11-25"
BOTH = "application/json, text/event-stream"


def text_of(result):
    """The text of a result's first content block."""
    return result["content"][0]["text"]


def request(method, params=None, call_id=1):
    message = {"jsonrpc": "2.0", "id": call_id, "method": method}
    if params is not None:
        message["params"] = params
    return message


def tool(name, arguments=None, **more):
    """The params of a tools/call."""
    return {"name": name, "arguments": arguments or {}, **more}


class OpenRequest:
    """One POST under way: its messages as they come, be the answer an event stream or plain JSON."""
    def __init__(self, server, fields, message, timeout=10.0, rcvbuf=None):
        self.wire = server.wire(timeout=timeout, rcvbuf=rcvbuf)
        self.wire.send(request_bytes("POST", "/mcp", fields, json.dumps(message).encode(), server.authority))
        self.head = self.events = None
        self.read = False

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.wire.close()

    def start(self):
        """Waits for the head of the answer."""
        if self.head is None:
            self.head = self.wire.head()
            if "event-stream" in (self.head.header("content-type") or ""):
                self.events = EventStream(self.wire, self.head)
        return self

    def event(self):
        """The next event with all its fields; None at the end."""
        assert self.start().events, f"no event stream: {self.head!r}"
        return self.events.next()

    def message(self):
        """The next JSON-RPC message; None at the end."""
        if self.start().events:
            return self.events.message()
        if self.read:
            return None
        self.read = True
        body = self.wire.exactly(int(self.head.header("content-length")))
        return json.loads(body) if body else None

    def until_answer(self):
        """All messages up to the one that ends the request."""
        messages = []
        while not messages or "method" in messages[-1]:
            messages.append(self.message())
            assert messages[-1] is not None, f"ended without an answer: {messages}"
        self.close()
        return messages

    def answer(self):
        return self.until_answer()[-1]


class LegacySession:
    """A session of the handshake era."""
    def __init__(self, server, token="first", version=NEWEST_LEGACY, capabilities=None):
        self.server, self.token = server, token
        client = {"name": "test", "version": "1"}
        params = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": client}
        self.opened = server.rpc("initialize", params, token=token)
        self.id = self.opened.header("mcp-session-id")
        assert self.id, f"no session: {self.opened!r}"
        self.headers = {"Mcp-Session-Id": self.id, "MCP-Protocol-Version": version}

    def post(self, message, **how):
        how.setdefault("token", self.token)
        return self.server.post(message, headers={**self.headers, **how.pop("headers", {})}, **how)

    def rpc(self, method, params=None, call_id=1, **how):
        """One request whose answer is plain JSON."""
        return self.post(request(method, params, call_id), **how)

    def call(self, name, arguments=None, **how):
        return self.rpc("tools/call", tool(name, arguments), **how)

    def open(self, method, params=None, call_id=1, **how):
        """One request that may be answered by an event stream."""
        fields = self.server.fields(self.token, {**self.headers, "Accept": BOTH})
        return OpenRequest(self.server, fields, request(method, params, call_id), **how)

    def open_call(self, name, arguments=None, **how):
        return self.open("tools/call", tool(name, arguments), **how)

    def respond(self, asked, result=None, error=None, **how):
        """Answers a question of the server."""
        outcome = {"error": error} if error else {"result": result}
        answer = self.post({"jsonrpc": "2.0", "id": asked["id"], **outcome}, **how)
        assert (answer.status, answer.body) == (202, b""), answer

    def notify(self, method, params):
        answer = self.post({"jsonrpc": "2.0", "method": method, "params": params})
        assert (answer.status, answer.body) == (202, b""), answer

    def get(self, last=None, token=None):
        """The answer to a GET up to its head, on a connection of its own."""
        fields = {**self.headers, "Accept": "text/event-stream", "Content-Type": None, "Last-Event-ID": last}
        wire = self.server.wire()
        chosen = self.server.fields(token or self.token, fields)
        wire.send(request_bytes("GET", "/mcp", chosen, host=self.server.authority))
        stream = EventStream(wire, wire.head())
        self.server.streams.append(stream)
        return stream

    def delete(self, token=None):
        fields = self.server.fields(token or self.token, {**self.headers, "Content-Type": None})
        with self.server.wire() as wire:
            return wire.request("DELETE", "/mcp", fields).status


class ModernClient:
    """A client of the stateless era: what it can is told with each request."""
    def __init__(self, server, token="first", capabilities=None, meta=None):
        self.server, self.token = server, token
        self.meta = {
            PREFIX + "protocolVersion": MODERN, PREFIX + "clientCapabilities": capabilities or {},
            **(meta or {})
        }

    def _fields(self, method, params, headers):
        own = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
        named = next((params[key] for key in ("name", "uri", "taskId") if key in params), None)
        if named is not None:
            own["Mcp-Name"] = named
        return {**own, **(headers or {})}

    def _params(self, params, meta):
        return {**(params or {}), "_meta": {**self.meta, **(meta or {})}}

    def rpc(self, method, params=None, call_id=1, headers=None, meta=None, **how):
        """One request whose answer is plain JSON."""
        how.setdefault("token", self.token)
        message = request(method, self._params(params, meta), call_id)
        return self.server.post(message, headers=self._fields(method, params or {}, headers), **how)

    def call(self, name, arguments=None, call_id=1, **more):
        return self.rpc("tools/call", tool(name, arguments, **more), call_id)

    def open(self, method, params=None, call_id=1, meta=None, **how):
        """One request that may be answered by an event stream."""
        headers = {**self._fields(method, params or {}, None), "Accept": BOTH}
        fields = self.server.fields(self.token, headers)
        return OpenRequest(self.server, fields, request(method, self._params(params, meta), call_id), **how)

    def listen(self, call_id=1, **how):
        """An acknowledged subscriptions/listen; `how` beside timeout and rcvbuf says what for."""
        options = {name: how.pop(name) for name in ("timeout", "rcvbuf") if name in how}
        stream = self.open("subscriptions/listen", {"notifications": how}, call_id, **options)
        stream.acknowledged = stream.message()
        return stream
