"""Raw HTTP over plain sockets: what a test sends is exactly what goes on the wire.

Reply is one answer, Wire one connection (kept alive until the test closes it), EventStream reads
server-sent events from a Wire. Nothing here corrects, folds or repeats a request.

Threads: a Wire belongs to one thread.
"""

import json
import socket
import ssl
import struct
import time


class ConnectionEnded(Exception):
    """The peer closed the connection before the bytes that were wanted came."""


class Reply:
    """One HTTP answer, with its header fields in the order they came."""
    def __init__(self, status, fields, body=b""):
        self.status = status
        self.fields = fields
        self.body = body

    def header(self, name, default=None):
        return next((value for key, value in self.fields if key == name.lower()), default)

    def all(self, name):
        return [value for key, value in self.fields if key == name.lower()]

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def error_code(self):
        """The JSON-RPC error code of the body, or None when the body holds no such thing."""
        try:
            return self.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None

    def result(self):
        """The JSON-RPC result; fails with the whole answer when there is none."""
        answer = self.json() if self.body else None
        assert isinstance(answer, dict) and "result" in answer, f"no result in {self!r}"
        return answer["result"]

    def __repr__(self):
        return f"<{self.status} {dict(self.fields)} {self.body[:300]!r}>"


def request_bytes(method, path, fields=(), body=b"", host="127.0.0.1", length=True):
    """One well-formed request. Host and Content-Length are added unless the fields name them."""
    fields = list(fields.items()) if isinstance(fields, dict) else list(fields)
    named = {name.lower() for name, _ in fields}
    lines = [f"{method} {path} HTTP/1.1"]
    if "host" not in named:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in fields]
    if length and (body or method in ("POST", "PUT")) and not named & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def call_body(tool, arguments, call_id=1, size=0):
    """The body of one legacy tools/call, padded with spaces to the size."""
    params = {"name": tool, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": call_id, "method": "tools/call", "params": params}
    return json.dumps(message).encode().ljust(size)


def chunked(body, size=7, trailer=b""):
    """The body in chunks of the given size, with optional trailer lines (each ending in CRLF)."""
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailer + b"\r\n"


class Wire:
    """One connection to host:port, with TLS when a context is given."""
    def __init__(self, host, port, timeout=10.0, context=None, server_name=None, rcvbuf=None, source=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.settimeout(timeout)
        if rcvbuf:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        try:
            if source:
                plain.bind((source, 0))
            plain.connect((host, port))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket = context.wrap_socket(plain, server_hostname=server_name
                                              or host) if context else plain
        except BaseException:
            plain.close()
            raise
        self.host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.timeout = timeout
        self.buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with a RST, as a killed peer with unread input does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def send_what_it_takes(self, data):
        """Sends until all is sent or the peer closed; what it answered can still be read."""
        try:
            self.socket.sendall(data)
        except OSError:  # broken pipe, reset, time-out, or TLS's own words for them
            pass
        return self

    def request(self, method, path, fields=(), body=b""):
        self.send(request_bytes(method, path, fields, body, host=self.host))
        return self.reply(method)

    def reply(self, method="POST"):
        """Reads one final answer; interim 1xx answers are skipped."""
        while True:
            answer = self.head()
            if answer.status >= 200:
                answer.body = self._body_of(answer, method)
                return answer

    def head(self):
        """Reads one answer's head only; the body stays on the wire."""
        head = self._until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        version, _, rest = lines[0].partition(" ")
        assert version in ("HTTP/1.1", "HTTP/1.0"), f"not an answer: {head!r}"
        fields = [(name.lower(), value.strip())
                  for name, _, value in (line.partition(":") for line in lines[1:])]
        return Reply(int(rest[:3]), fields)

    def _body_of(self, answer, method):
        if method == "HEAD" or answer.status in (204, 304):
            return b""
        if "chunked" in (answer.header("transfer-encoding") or "").lower():
            return b"".join(self.chunks())
        if answer.header("content-length") is not None:
            return self.exactly(int(answer.header("content-length")))
        return self.rest()

    def chunks(self):
        while True:
            size = int(self._until(b"\r\n").split(b";")[0], 16)
            data = self.exactly(size)
            self._until(b"\r\n")
            if size == 0:
                return
            yield data

    def rest(self, within=None):
        """Everything until the peer closes. Raises socket.timeout when it does not within the time."""
        limit = time.monotonic() + (within or self.timeout)
        try:
            while True:
                self._fill(limit)
        except ConnectionEnded:
            everything = bytes(self.buffer)
            self.buffer.clear()
            return everything

    def closed_within(self, seconds):
        """The seconds it took the peer to close, or None when it did not in time."""
        began = time.monotonic()
        try:
            self.rest(seconds)
        except (socket.timeout, TimeoutError):
            return None
        return time.monotonic() - began

    def exactly(self, count, limit=None):
        limit = limit or time.monotonic() + self.timeout
        while len(self.buffer) < count:
            self._fill(limit)
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def _until(self, mark, limit=None):
        limit = limit or time.monotonic() + self.timeout
        start = 0
        while True:
            found = self.buffer.find(mark, start)
            if found >= 0:
                data = bytes(self.buffer[:found])
                del self.buffer[:found + len(mark)]
                return data
            start = max(0, len(self.buffer) - len(mark))
            self._fill(limit)

    def _fill(self, limit):
        left = limit - time.monotonic()
        if left <= 0:
            raise socket.timeout("nothing more came in time")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as gone:
            raise ConnectionEnded(str(gone)) from gone
        if not data:
            raise ConnectionEnded("closed by the peer")
        self.buffer += data


class EventStream:
    """Server-sent events on a connection whose answer head has been read."""
    def __init__(self, wire, head):
        self.wire = wire
        self.head = head
        self.pieces = wire.chunks() if "chunked" in (head.header("transfer-encoding") or "") else None
        self.text = b""

    def next(self):
        """The next event as a dict of its fields; comments are skipped; None at the end of the stream."""
        while True:
            while b"\n\n" not in self.text:
                if not self._more():
                    return None
            block, self.text = self.text.split(b"\n\n", 1)
            fields = [
                line.partition(b":") for line in block.split(b"\n") if line and not line.startswith(b":")
            ]
            if fields:
                return {name.decode(): value.strip().decode() for name, _, value in fields}

    def message(self):
        """The next message's JSON, or None at the end of the stream; events without data carry none."""
        while (event := self.next()) is not None:
            if event.get("data"):
                return json.loads(event["data"])
        return None

    def ended_within(self, seconds):
        """True when the stream ends in time, whatever comes before its end."""
        self.wire.timeout = seconds
        try:
            while self.next() is not None:
                pass
        except (socket.timeout, TimeoutError):
            return False
        except ConnectionEnded:
            pass
        return True

    def _more(self):
        piece = next(self.pieces, None) if self.pieces is not None else self._plain()
        if piece is not None:
            self.text += piece.replace(b"\r\n", b"\n")
        return piece is not None

    def _plain(self):
        try:
            return self.wire.exactly(1)
        except ConnectionEnded:
            return None
