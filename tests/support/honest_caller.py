"""A well-behaved client beside a crowd: it calls all the time, and looks at every answer.

An answer is right when it is the caller's own text, or 429 or 503 with Retry-After. Everything else is a violation, also
a connection that ends without an answer twice, and an answer that does not come in time.
"""

import collections
import threading
import time
import traceback

from mcp_clients import NEWEST_LEGACY, ModernClient, text_of
from patient_wire import PatientWire


class HonestCaller:
    """One thread with one token, on one kept connection; `way` is legacy, modern or session."""
    def __init__(self, server, number, token, way, patience):
        self.server, self.number, self.token, self.way = server, number, token, way
        self.patience = patience
        self.is_echo = server.settings["backend"]["plugin"] == "echo"
        self.statuses, self.violations, self.times = collections.Counter(), [], []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.thread.join(self.patience + 30)
        if self.thread.is_alive():
            self.violations.append(f"caller {self.number} still waits for an answer")

    def _run(self):
        count = 0
        with PatientWire(self.server, timeout=self.patience) as wire:
            while not self.over.is_set():
                count += 1
                try:
                    self._call(wire, f"honest-{self.number}-{count}" + "h" * (count % 7 * 300))
                except Exception:  # whatever it is, the test must hear of it
                    wire.close()
                    if self.server.alive():
                        self.violations.append(f"caller {self.number}, call {count}: {traceback.format_exc()}")
                    if len(self.violations) > 10:
                        return
                self.over.wait(0.005)

    def _call(self, wire, text):
        name, arguments = ("echo", {"text": text}) if self.is_echo else ("greet", {"name": text})
        expected = text if self.is_echo else f"Hello, {text}!"
        began = time.monotonic()
        if self.way == "modern":
            reply = ModernClient(self.server, self.token).rpc("tools/call", {"name": name, "arguments": arguments}, text, wire=wire)
        elif self.way == "session":
            reply = self._in_a_session(name, arguments, text, wire)
        else:
            reply = self.server.call(name, arguments, call_id=text, token=self.token, wire=wire)
        self.times.append(time.monotonic() - began)
        if reply is None:
            return
        self.statuses[reply.status] += 1
        if reply.status in (429, 503) and reply.header("retry-after"):
            self.over.wait(0.05)
            return
        answer = reply.json() if reply.status == 200 else {}
        if answer.get("id") != text or text_of(answer.get("result", {"content": [{}]}) or {}) != expected:
            self.violations.append(f"caller {self.number} sent {text[:40]!r} and got {reply!r}")

    def _in_a_session(self, name, arguments, text, wire):
        """A call in a session of its own; None when that was pushed out."""
        client = {"name": text[:40], "version": "1"}
        opened = self.server.rpc("initialize", {"protocolVersion": NEWEST_LEGACY, "capabilities": {}, "clientInfo": client},
                                 token=self.token, wire=wire)
        session = opened.header("mcp-session-id")
        if not session:
            return opened  # 429, 503, or something that is looked at there
        headers = {"Mcp-Session-Id": session, "MCP-Protocol-Version": NEWEST_LEGACY}
        reply = self.server.call(name, arguments, call_id=text, token=self.token, headers=headers, wire=wire)
        wire.request("DELETE", "/mcp", self.server.fields(self.token, {**headers, "Content-Type": None}))
        if reply.status == 404:  # pushed out by newer ones: at the limit the longest unused of an identity ends
            self.statuses["session pushed out"] += 1
            return None
        return reply

    def told(self):
        times = sorted(self.times) or [0.0]
        return (f"caller {self.number} ({self.way}): {dict(self.statuses)}, half within {times[len(times) // 2] * 1e3:.1f} ms, "
                f"99 of 100 within {times[len(times) * 99 // 100] * 1e3:.1f} ms, the longest {times[-1] * 1e3:.0f} ms")
