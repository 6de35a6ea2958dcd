"""Sends collected requests and judges the answers against a strict second reading.

Each payload is followed on the same connection by a marker: a complete, authenticated call whose answer
cannot be mistaken. What is checked of every case: the connection is closed in time, no more answers come
than a strict reading of all the bytes holds requests, no answer is a server error. Of a case its
collection calls invalid, besides: it was refused (4xx, 501 or 505) and the marker was never answered.
"""

import json
import re
import secrets
import socket
from concurrent.futures import ThreadPoolExecutor

from strict_http import read_requests

STATUS = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d) ")
# Short enough that a case whose marker was taken for a body ends soon.
LIMITS = {"head_seconds": 0.5, "body_seconds": 0.5, "unauthenticated_body_seconds": 0.5, "idle_seconds": 0.5}
CLOSE_WITHIN = 8.0


class FramingJudge:
    """Judges cases against one running server."""
    def __init__(self, server):
        self.server = server

    def complaints(self, cases, at_once=16):
        """What is wrong, one line for each case that is."""
        with ThreadPoolExecutor(at_once) as pool:
            return [line for line in pool.map(self._complaint, list(cases)) if line]

    def _complaint(self, case):
        nonce = secrets.token_hex(8)
        data = case.payload + self._marker(nonce)
        answers, closed = self._exchange(data)
        why = self._wrong(case, read_requests(data), answers, closed, nonce.encode())
        if not why:
            return None
        return f"{case.name}: {why}\n    sent {case.payload[:300]!r}\n    got  {answers[:300]!r}"

    def _marker(self, nonce):
        body = json.dumps({
            "jsonrpc": "2.0", "id": nonce, "method": "tools/call",
            "params": {"name": "echo", "arguments": {"text": nonce}}
        })
        return (f"POST /mcp HTTP/1.1\r\nHost: {self.server.authority}\r\nConnection: close\r\n"
                f"Authorization: Bearer {self.server.token.text}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}").encode()

    def _exchange(self, data):
        """Everything answered, and whether the server closed the connection in time."""
        with self.server.wire(timeout=CLOSE_WITHIN) as wire:
            wire.send_what_it_takes(data)
            try:
                return wire.rest(CLOSE_WITHIN), True
            except (socket.timeout, TimeoutError):
                return bytes(wire.buffer), False

    @staticmethod
    def _wrong(case, reading, answers, closed, nonce):
        statuses = [int(status) for status in STATUS.findall(answers)]
        if not closed:
            return "the connection was left open"
        if len(statuses) > reading.most_answers:
            return f"answers {statuses} where {reading.most_answers} requests are ({reading.why})"
        if any(status >= 500 and status not in (501, 505) for status in statuses):
            return f"a server error among {statuses}"
        if not case.must_refuse:
            return None
        if nonce in answers:
            return f"not refused: the request behind it was answered, too {statuses}"
        if not statuses:
            return None if case.silence_ok else "closed without an answer"
        if not 400 <= statuses[-1] < 500 and statuses[-1] not in (501, 505):
            return f"not refused but answered {statuses}"
        return None
