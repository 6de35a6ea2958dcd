"""A1, A2, A3: nothing that one connection sends, in any order and cut anywhere, ends the process."""

import json
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from private_ca import PrivateCa
from process_probe import descriptors, wait_until
from scripted_provider import ScriptedProvider
from served_case import ServedCase

BODY = b"\0" * 4_000_000


def head(method, path, fields):
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


class OneConnection(ServedCase):
    # Refusals of every kind: without a token, a foreign host, no such path, too large, last of its connection.
    def test_A1_a_refused_sender_that_goes_on_sending(self):
        json_type = {"Content-Type": "application/json", "Content-Length": len(BODY)}
        cases = {
            "no token": head("POST", "/mcp", json_type),
            "foreign host": head("POST", "/mcp", json_type).replace(b"localhost", b"evil.example"),
            "no such path": head("POST", "/nothing", json_type),
            "too large": head("POST", "/mcp", {**json_type, "Content-Length": 1 << 40}),
            "wrong type": head("POST", "/mcp", {**json_type, "Content-Type": "text/plain"}),
            "chunked": head("POST", "/mcp", {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}),
            "last one": head("POST", "/mcp", {**json_type, "Connection": "close"}),
            "no request": b"\x01\r\n\r\n",
        }
        for name, request in cases.items():
            with self.subTest(case=name), self.server.wire(timeout=5 * slowness()) as wire:
                wire.send_what_it_takes(request + BODY)
                self.server.assert_serves()

    def test_A1_after_the_body_budget(self):
        with GatehouseServer(limits={"body_budget_bytes": 1_000_000}) as server:
            for _ in range(3):
                with server.wire(timeout=5 * slowness()) as wire:
                    fields = server.fields(headers={"Content-Length": len(BODY)})
                    wire.send_what_it_takes(head("POST", "/mcp", fields) + BODY)
                    server.assert_serves()

    def test_A1_over_tls(self):
        with tempfile.TemporaryDirectory(prefix="gatehouse-tls-") as folder:
            ca = PrivateCa(folder)
            tls = {"enabled": True, "cert_file": str(ca.cert), "key_file": str(ca.key)}
            server = GatehouseServer({"http": {"tls": tls}}, started=False)
            with server.start():
                request = head("POST", "/mcp", {"Content-Type": "application/json", "Content-Length": len(BODY)})
                for _ in range(3):
                    with server.wire(context=ca.client(), timeout=5 * slowness()) as wire:
                        wire.send_what_it_takes(request + BODY)
                with server.wire(context=ca.client()) as wire:
                    self.assertEqual(wire.request("GET", "/health").status, 200)

    def test_A2_a_refused_head_after_a_large_body(self):
        after = {"control byte": b"\x01\r\n\r\n", "20 KB of head": b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000}
        first = {
            "HEAD /health": head("HEAD", "/health", {"Content-Length": 16_000}) + BODY[:16_000],
            "a call": head("POST", "/mcp", self.server.fields(headers={"Content-Length": len(BODY)})) + BODY,
        }
        for request in first:
            for name, junk in after.items():
                with self.subTest(first=request, then=name), self.server.wire(timeout=10 * slowness()) as wire:
                    wire.send_what_it_takes(first[request])
                    wire.head()
                    wire.send_what_it_takes(junk)
                    wire.rest(10 * slowness())
                    self.server.assert_serves()

    def test_A2_half_a_head_after_a_large_body(self):
        with GatehouseServer(limits={"head_seconds": 0.5}) as server, server.wire(timeout=20) as wire:
            fields = server.fields(headers={"Content-Length": len(BODY)})
            wire.send(head("POST", "/mcp", fields) + BODY + b"GET /hea")
            wire.head()
            self.assertIn(b"408", wire.rest(10 * slowness()))
            server.assert_serves()


class OldStream(unittest.TestCase):
    def setUp(self):
        self.asked, self.may_answer = threading.Semaphore(0), threading.Semaphore(0)
        provider = ScriptedProvider()
        self.addCleanup(provider.close)
        provider.answers["/introspect"] = self.introspect
        validator = {"endpoint": provider.url + "/introspect", "client_id": "gate", "client_secret": "s" * 32}
        self.server = GatehouseServer({
            "http": {"legacy_sse": True},
            "auth": {"validator": "introspection", "validators": {"introspection": validator}}})
        self.addCleanup(self.server.__exit__, None, None, None)

    def introspect(self, _handler):
        self.asked.release()
        self.may_answer.acquire(timeout=20)
        answer = {"active": True, "sub": "a", "client_id": "c", "aud": "http://localhost/mcp", "exp": time.time() + 600}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def test_A3_a_stream_reset_before_the_verdict(self):
        before = descriptors(self.server.process.pid)
        for path in ("/sse", "/mcp", "/mcp/sse"):
            fields = {"Accept": "text/event-stream"}
            for number in range(20):
                fields["Authorization"] = f"Bearer opaque-token-of-a-test-{path}-{number}"
                wire = self.server.wire()
                wire.send(head("GET", path, fields))
                self.assertTrue(self.asked.acquire(timeout=20))
                wire.reset()
                self.may_answer.release()
        self.assertTrue(self.server.alive(), self.server.log_tail())
        few = before + 20  # each worker's fetcher keeps two; 60 streams would show
        self.assertTrue(wait_until(lambda: descriptors(self.server.process.pid) <= few, 5 * slowness()))
        self.assertEqual(self.server.metric("sessions"), 0)
        self.assertEqual(self.server.metric("streams"), 0)


if __name__ == "__main__":
    unittest.main()
